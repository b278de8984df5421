import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Channel, type Listener } from '../src/channel.js';
import { FakeKernel, until } from './kernel.js';

const IDS = ['cygnet-spark-monitor', 'cygnet-spark-connector'];

class Ear implements Listener {
  readonly heard: unknown[] = [];
  losses = 0;
  comms: ReadonlySet<string> | null = null;

  listed(comms: ReadonlySet<string>): void {
    this.comms = comms;
  }

  received(id: string, data: unknown): void {
    this.heard.push([id, data]);
  }

  lost(): void {
    this.losses += 1;
  }
}

function connect(kernel: FakeKernel): { channel: Channel; ear: Ear } {
  const ear = new Ear();
  return { channel: new Channel(kernel.port, IDS, ear), ear };
}

test('a channel receives what the kernel publishes and opens no comm', async () => {
  const kernel = new FakeKernel({ comms: IDS });
  const { ear } = connect(kernel);

  kernel.publish('cygnet-spark-monitor', { type: 'frame' });
  kernel.publish('somebody-else', { type: 'frame' });
  await until(() => kernel.handled.length === 2);

  assert.deepEqual(ear.heard, [['cygnet-spark-monitor', { type: 'frame' }]]);
  assert.ok(!kernel.sent.includes('comm_open'));
});

test('a channel says hello on a subshell, also while a cell runs', async () => {
  const kernel = new FakeKernel({ comms: IDS, isBusy: true });
  connect(kernel);

  await until(() => kernel.handled.length === 2);

  const hellos = IDS.map(id => ({ id, data: { type: 'hello' }, shell: 'subshell-1' }));
  assert.deepEqual(kernel.handled, hellos);
});

test('a channel is silent where the kernel does not list its comms', async () => {
  const kernel = new FakeKernel({ comms: ['jupyter.widget'] });
  const { ear } = connect(kernel);

  await until(() => ear.comms !== null);

  assert.deepEqual([...(ear.comms ?? [])], ['jupyter.widget']);
  assert.ok(!kernel.sent.includes('comm_msg'));
});

test('a channel asks kernels of other languages nothing', async () => {
  const kernel = new FakeKernel({ language: 'R', comms: IDS });
  const { channel, ear } = connect(kernel);

  await until(() => ear.comms !== null);
  channel.dispose();

  assert.equal(ear.comms?.size, 0);
  assert.deepEqual(kernel.sent, []);
});

test('a kernel without subshells gets the plain message', async () => {
  const kernel = new FakeKernel({ comms: IDS, hasSubshells: false });
  const { channel } = connect(kernel);

  channel.send('cygnet-spark-monitor', { type: 'cancel' });
  await until(() => kernel.handled.length === 3);

  assert.ok(!kernel.sent.includes('create_subshell_request'));
  assert.ok(kernel.handled.every(it => it.shell === null));
});

test('a message that is sent at once waits for the subshell', async () => {
  const kernel = new FakeKernel({ comms: IDS, isBusy: true });
  const { channel } = connect(kernel);

  channel.send('cygnet-spark-monitor', { type: 'cancel' });
  await until(() => kernel.handled.length === 3);

  const cancel = kernel.handled.find(
    it => (it.data as { type: string }).type === 'cancel'
  );
  assert.equal(cancel?.shell, 'subshell-1');
});

test('a disposed channel gives its subshell back and receives nothing', async () => {
  const kernel = new FakeKernel({ comms: IDS });
  const { channel, ear } = connect(kernel);
  await until(() => kernel.handled.length === 2);

  channel.dispose();
  kernel.publish('cygnet-spark-monitor', {});
  await until(() => kernel.subshells.size === 0);

  assert.deepEqual(ear.heard, []);
});

test('a channel that is disposed while it opens leaves no subshell', async () => {
  const kernel = new FakeKernel({ comms: IDS });
  const { channel } = connect(kernel);

  await until(() => kernel.sent.includes('create_subshell_request'));
  channel.dispose();
  await until(() => kernel.sent.includes('delete_subshell_request'));
  await until(() => kernel.subshells.size === 0);
});

test('after a restart a channel has reported the loss and greets again', async () => {
  const kernel = new FakeKernel({ comms: IDS });
  const { channel, ear } = connect(kernel);
  await until(() => kernel.handled.length === 2);

  kernel.restart();
  await until(() => kernel.handled.length === 4);
  channel.send('cygnet-spark-monitor', { type: 'cancel' });
  await until(() => kernel.handled.length === 5);

  assert.equal(ear.losses, 1);
  assert.deepEqual([...kernel.subshells], ['subshell-2']);
  assert.equal(kernel.handled.at(-1)?.shell, 'subshell-2');
});

test('a reconnected channel greets again and keeps one subshell', async () => {
  const kernel = new FakeKernel({ comms: IDS });
  const { ear } = connect(kernel);
  await until(() => kernel.handled.length === 2);

  kernel.reconnect();
  await until(() => kernel.handled.length === 4);

  assert.equal(ear.losses, 0);
  assert.deepEqual([...kernel.subshells], ['subshell-2']);
});

test('two channels of one kernel both hear it', () => {
  const kernel = new FakeKernel({ comms: IDS });
  const one = connect(kernel);
  const two = connect(kernel);

  kernel.publish('cygnet-spark-connector', { type: 'state' });

  assert.equal(one.ear.heard.length, 1);
  assert.equal(two.ear.heard.length, 1);
});

test('a listener that throws does not stop the messages', t => {
  const warned = t.mock.method(console, 'warn', () => undefined);
  const kernel = new FakeKernel({ comms: IDS });
  new Channel(kernel.port, IDS, {
    received: () => {
      throw new Error('malformed');
    },
    listed: () => undefined,
    lost: () => undefined
  });

  kernel.publish('cygnet-spark-monitor', {});

  assert.equal(warned.mock.callCount(), 1);
});
