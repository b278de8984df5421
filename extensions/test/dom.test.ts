import assert from 'node:assert/strict';
import { test } from 'node:test';

import { h, render } from '../src/dom.js';
import { page } from './page.js';

test('elements with the same key are kept', () => {
  const host = page().body;
  render(host, h('p', { key: 'a' }, 'one'), h('p', { key: 'b' }, 'two'));
  const [a, b] = host.children;

  render(host, h('p', { key: 'new' }), h('p', { key: 'a' }, 'changed'));

  assert.equal(host.children[1], a);
  assert.equal(a?.textContent, 'changed');
  assert.equal(b?.isConnected, false);
});

test('the focus survives an update', () => {
  const document = page();
  const view = (count: number): void =>
    render(
      document.body,
      count > 1 && h('p', { key: 'note' }, `${count}`),
      h('button', { key: 'stop' }, `Stop ${count}`)
    );
  view(1);
  document.querySelector('button')?.focus();

  view(2);

  assert.equal(document.activeElement?.textContent, 'Stop 2');
});

test('text is never HTML', () => {
  const host = page().body;

  render(host, h('p', { key: 'a', title: '"><b>' }, '<img src=x onerror=alert(1)>'));

  assert.equal(host.querySelector('img'), null);
  assert.equal(host.textContent, '<img src=x onerror=alert(1)>');
});

test('attributes and listeners that are gone are taken off', () => {
  const host = page().body;
  let clicks = 0;
  render(host, h('button', { key: 'b', disabled: true, onclick: () => clicks++ }));
  render(host, h('button', { key: 'b' }));

  const button = host.querySelector('button');
  button?.click();

  assert.equal(button?.disabled, false);
  assert.equal(clicks, 0);
});

test('unchanged parts are not touched', async () => {
  const document = page();
  const view = (): void => render(document.body, h('p', { key: 'a', id: 'x' }, 'same'));
  view();
  const window = document.defaultView as unknown as {
    MutationObserver: typeof MutationObserver;
  };
  const observer = new window.MutationObserver(() => undefined);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true
  });

  view();

  assert.deepEqual(observer.takeRecords(), []);
});
