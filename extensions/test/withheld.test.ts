import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { isBelow, withhold as withholdIn } from '../src/withheld/markup.js';

const PAGE = 'https://hub.example/user/ann/lab/tree/Shared/bob/a/b.ipynb';
const isOwn = isBelow(PAGE, '/user/ann/');

function read(markup: string): Document {
  return new JSDOM(markup).window.document;
}

function withhold(markup: string): string {
  return withholdIn(markup, isOwn, read);
}

function attributes(markup: string): string[] {
  const shown = read(withhold(markup)).body.firstElementChild;
  return [...(shown?.attributes ?? [])].map(it => it.name);
}

test('what is of the own server stays', () => {
  for (const address of [
    'plot.png',
    './a/plot.png',
    '../plot.png',
    '/user/ann/files/x.png',
    'data:image/png;base64,AA',
    'attachment:x.png'
  ]) {
    const markup = `<img src="${address}">`;
    assert.equal(withhold(markup), markup, address);
  }
  const text = '<p>a &amp; b <a href="https://example.org/">x</a></p>';
  assert.equal(withhold(text), text);
});

test('what is of another host, or of the hub, is not loaded', () => {
  for (const address of [
    'https://thief.example/x.png',
    '//thief.example/x.png',
    '\\\\thief.example/x.png',
    ' ht\ntps://thief.example/x.png',
    'https://hub.example:444/user/ann/x.png',
    '/hub/logout',
    '/user/bob/files/x.png',
    '../../../../../../hub/logout',
    'http://[',
    'file:///etc/passwd'
  ]) {
    const image = read('').createElement('img');
    image.setAttribute('src', address);
    assert.deepEqual(attributes(image.outerHTML), ['alt', 'title'], address);
  }
});

test('other ways to load are no ways', () => {
  const there = 'https://thief.example/x';
  for (const markup of [
    `<img srcset="${there} 1x">`,
    `<table background="${there}"></table>`,
    `<p style="background: url(${there})">x</p>`,
    `<p style="background: u\\72l(${there})">x</p>`,
    `<video poster="${there}"></video>`,
    `<audio src="${there}"></audio>`,
    `<p style="background: image-set('${there}' 1x)">x</p>`
  ]) {
    assert.deepEqual(attributes(markup), [], markup);
  }
});

test('a picture that is not loaded says so', () => {
  const shown = withhold('<img src="https://thief.example/x">');

  assert.match(shown, /alt="Not loaded, as the file is another person's: https:/);
});

test('a button is a button, and gives JupyterLab no command', () => {
  const command = 'data-commandlinker-command="terminal:create-new"';
  const markup = `<button type="button" ${command} data-commandlinker-args="{}">x</button>`;

  assert.deepEqual(attributes(markup), ['type']);
});
