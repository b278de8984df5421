/** The plugins of Cygnet in JupyterLab. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { spark } from './plugin.js';

const plugins: JupyterFrontEndPlugin<void>[] = [spark];

export default plugins;
