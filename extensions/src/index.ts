/** The plugins of Cygnet in JupyterLab. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { monitor } from './plugin.js';

const plugins: JupyterFrontEndPlugin<void>[] = [monitor];

export default plugins;
