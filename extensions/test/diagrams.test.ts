import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

/** The documents, from `extensions`, where npm runs the tests. */
const PAGES = globSync('../docs/**/*.md');

/** What draws the diagrams of the docs site; it looks for a page when imported. */
async function mermaid(): Promise<{ parse(text: string): Promise<unknown> }> {
  const { window } = new JSDOM();
  Object.assign(globalThis, { window, document: window.document });
  return (await import('mermaid')).default;
}

test('every diagram of the documents can be drawn', async () => {
  const { parse } = await mermaid();
  const diagrams = PAGES.flatMap(page =>
    [...readFileSync(page, 'utf8').matchAll(/^```mermaid\n(.*?)^```/gms)].map(
      found => [page, found[1] ?? ''] as const
    )
  );

  assert.ok(diagrams.length >= 4);
  for (const [page, text] of diagrams) {
    await assert.doesNotReject(parse(text), page);
  }
});

test('a diagram with an error is refused', async () => {
  const { parse } = await mermaid();

  await assert.rejects(parse('sequenceDiagram\n  a->>b: first; second\n'));
});
