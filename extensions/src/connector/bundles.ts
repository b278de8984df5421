/** The form in which bundles are chosen. */

import { h, type Part, type VNode } from '../dom.js';
import type { ConnectorActions, ConnectorShown } from './model.js';
import type { BundleChoice } from './state.js';

/** Clusters exclude each other, all other bundles are added to the cluster. */
export function bundleForm(shown: ConnectorShown, actions: ConnectorActions): VNode {
  const { catalog } = shown.state;
  const clusters = catalog.filter(it => it.cluster !== null);
  const tunings = catalog.filter(it => it.cluster === null);
  return h(
    'form',
    {
      key: 'bundles',
      class: 'cyg-Bundles',
      'aria-label': 'Connect to Spark',
      onsubmit: event => {
        event.preventDefault();
        actions.connect();
      }
    },
    catalog.length === 0 &&
      h('p', { key: 'none', class: 'cyg-Note' }, 'No bundles available.'),
    group('Where Spark runs', 'radio', clusters, shown, actions),
    group('Added to it', 'checkbox', tunings, shown, actions),
    h(
      'button',
      {
        key: 'connect',
        type: 'submit',
        class: 'cyg-Button cyg-Button-main cyg-Button-wide',
        disabled: shown.isWaiting
      },
      'Connect'
    )
  );
}

function group(
  title: string,
  type: 'radio' | 'checkbox',
  bundles: readonly BundleChoice[],
  shown: ConnectorShown,
  actions: ConnectorActions
): Part {
  if (bundles.length === 0) {
    return null;
  }
  return h(
    'fieldset',
    { key: type, class: 'cyg-Group' },
    h('legend', { key: 'title' }, title),
    ...bundles.map(it => bundleRow(it, type, shown, actions))
  );
}

function bundleRow(
  bundle: BundleChoice,
  type: 'radio' | 'checkbox',
  { choice }: ConnectorShown,
  actions: ConnectorActions
): VNode {
  // The attribute is a list of ids, so an id must not hold a space.
  const about = `cyg-bundle-${bundle.name.replace(/\s/g, '-')}`;
  return h(
    'label',
    { key: bundle.name, class: 'cyg-Bundle' },
    h('input', {
      key: 'input',
      type,
      name: `cyg-${type}`,
      value: bundle.name,
      checked: choice.has(bundle.name),
      'aria-label': bundle.title,
      'aria-describedby': about,
      onchange: () => actions.pick(bundle)
    }),
    h(
      'span',
      { key: 'text' },
      h('span', { key: 'title', class: 'cyg-Bundle-title' }, bundle.title),
      h(
        'span',
        { key: 'about', id: about, class: 'cyg-Dim' },
        bundle.description,
        ` (${bundle.owner})`
      )
    )
  );
}
