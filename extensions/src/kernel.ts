/**
 * The part of a kernel connection that a channel needs, and the messages on it.
 *
 * JupyterLab's own `requestCreateSubshell` and comm classes cannot be used: they
 * wait for `kernel_info`, which a reloaded page gets only when the running cell
 * has ended.
 */

import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';

import { untrackStatus, untrackStatusWhile } from './untracked.js';

/** What a channel uses of JupyterLab's kernel connection. */
export type KernelPort = Pick<
  Kernel.IKernelConnection,
  | 'clientId'
  | 'connectionStatus'
  | 'connectionStatusChanged'
  | 'info'
  | 'iopubMessage'
  | 'isDisposed'
  | 'sendControlMessage'
  | 'sendShellMessage'
  | 'spec'
  | 'status'
  | 'statusChanged'
  | 'username'
>;

/** How long a kernel may take to answer a request, in milliseconds. */
const PATIENCE_MS = 3000;

/** How long to wait for `kernel_info` before the kernel counts as busy. */
const INFO_MS = 500;

/**
 * Return whether the kernel runs Python; others are left alone.
 */
export async function isPython(kernel: KernelPort): Promise<boolean> {
  const spec = await kernel.spec;
  return spec?.language.toLowerCase() === 'python';
}

/**
 * Make a subshell, which answers while a cell runs.
 *
 * @returns Its id, or `null` for a kernel that has no subshells.
 */
export async function createSubshell(kernel: KernelPort): Promise<string | null> {
  // An idle kernel has reported its features by now; a busy one answers on the control
  // channel alone, and there a kernel without subshells stays silent.
  const info = await within(INFO_MS, kernel.info);
  const features = info?.supported_features ?? [];
  if (info !== null && !features.includes('kernel subshells')) {
    return null;
  }
  untrackStatus('create_subshell_request');
  const message = compose(kernel, 'control', 'create_subshell_request', {}, null);
  const future = kernel.sendControlMessage(
    message as KernelMessage.ICreateSubshellRequestMsg,
    true
  );
  const reply = await within(PATIENCE_MS, future.done as Promise<unknown>);
  const id = contentOf(reply).subshell_id;
  return typeof id === 'string' ? id : null;
}

/** Delete a subshell, without waiting for the answer. */
export function deleteSubshell(kernel: KernelPort, subshell: string): void {
  if (kernel.isDisposed || kernel.status === 'dead') {
    return;
  }
  untrackStatus('delete_subshell_request');
  const content = { subshell_id: subshell };
  const message = compose(kernel, 'control', 'delete_subshell_request', content, null);
  const future = kernel.sendControlMessage(
    message as KernelMessage.IDeleteSubshellRequestMsg,
    true
  );
  future.done.catch(() => undefined);
}

/** Ask which comms the kernel has. */
export async function listComms(
  kernel: KernelPort,
  subshell: string | null
): Promise<ReadonlySet<string>> {
  const message = compose(kernel, 'shell', 'comm_info_request', {}, subshell);
  const future = kernel.sendShellMessage(
    message as KernelMessage.ICommInfoRequestMsg,
    true
  );
  const reply = await (subshell === null
    ? future.done
    : within(PATIENCE_MS, future.done as Promise<unknown>));
  const comms = contentOf(reply).comms;
  return new Set(typeof comms === 'object' && comms !== null ? Object.keys(comms) : []);
}

/** Send a comm message; there is no reply to wait for. */
export function sendComm(
  kernel: KernelPort,
  subshell: string | null,
  commId: string,
  data: object
): void {
  const content = { comm_id: commId, data };
  const message = compose(kernel, 'shell', 'comm_msg', content, subshell);
  const future = kernel.sendShellMessage(message as KernelMessage.ICommMsgMsg<'shell'>);
  if (subshell === null) {
    future.done.catch(() => undefined);
  } else {
    untrackStatusWhile('comm_msg', future.done);
  }
}

function compose(
  kernel: KernelPort,
  channel: 'control' | 'shell',
  type: string,
  content: object,
  subshell: string | null
): unknown {
  return {
    buffers: [],
    channel,
    content,
    header: {
      date: new Date().toISOString(),
      msg_id: UUID.uuid4(),
      msg_type: type,
      session: kernel.clientId,
      username: kernel.username,
      version: '5.4',
      ...(subshell === null ? {} : { subshell_id: subshell })
    },
    metadata: {},
    parent_header: {}
  };
}

function contentOf(reply: unknown): Record<string, unknown> {
  const content = (reply as { content?: Record<string, unknown> } | null)?.content;
  return content ?? {};
}

/** The promise's value, or `null` when it fails or takes too long. */
function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(null), milliseconds);
    promise.then(resolve, () => resolve(null)).finally(() => clearTimeout(timer));
  });
}
