/** stub */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
export const monitor: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/lab:spark',
  autoStart: true,
  activate: () => undefined
};
