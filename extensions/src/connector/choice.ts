/** Which bundles are chosen: one cluster, and any number of the others. */

import type { BundleChoice } from './state.js';

/** The names of the chosen bundles. */
export type Choice = ReadonlySet<string>;

/**
 * The choice before the user has made one.
 *
 * @param catalog The bundles available.
 * @param last The bundles of the last attempt, which count where they are available.
 */
export function firstChoice(
  catalog: readonly BundleChoice[],
  last: readonly string[]
): Choice {
  const tunings = catalog.filter(it => it.cluster === null);
  const clusters = catalog.filter(it => it.cluster !== null);
  const cluster =
    clusters.find(it => last.includes(it.name)) ??
    clusters.find(it => it.is_default) ??
    clusters[0];
  const chosen = tunings.filter(it => last.includes(it.name));
  return new Set([...(cluster ? [cluster] : []), ...chosen].map(it => it.name));
}

/** The choice after the user has picked `bundle`; a cluster replaces the other. */
export function pick(
  catalog: readonly BundleChoice[],
  choice: Choice,
  bundle: BundleChoice
): Choice {
  if (bundle.cluster === null) {
    const rest = [...choice].filter(name => name !== bundle.name);
    return new Set(choice.has(bundle.name) ? rest : [...rest, bundle.name]);
  }
  const tunings = catalog.filter(it => it.cluster === null && choice.has(it.name));
  return new Set([bundle.name, ...tunings.map(it => it.name)]);
}

/** The chosen names in the catalog's order, the cluster first. */
export function inOrder(
  catalog: readonly BundleChoice[],
  choice: Choice
): readonly string[] {
  const chosen = catalog.filter(it => choice.has(it.name));
  return [
    ...chosen.filter(it => it.cluster !== null),
    ...chosen.filter(it => it.cluster === null)
  ].map(it => it.name);
}
