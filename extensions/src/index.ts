/** The plugins of Cygnet in JupyterLab. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { spark } from './plugin.js';
import { share } from './share/plugin.js';
import { withheld } from './withheld/plugin.js';

const plugins: JupyterFrontEndPlugin<unknown>[] = [spark, share, withheld];

export default plugins;
