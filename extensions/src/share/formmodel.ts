/** The form that shares a folder, while it is filled in. */

import type { FormField, PlaceOf } from './act.js';
import type { Audience, People } from './answer.js';
import { endOf } from './formview.js';
import type { ShareServer } from './server.js';
import type { FormShown } from './shown.js';

/** From how many letters on names are offered. */
const LETTERS = 2;

const NONE: People = { people: [], groups: [] };

/** One filling in of the form. */
export class FormModel {
  private form: FormShown;
  private asked = '';

  /**
   * @param server Offers names.
   * @param folder What is shared.
   * @param share The share that it is already.
   * @param canSearch Whether names are offered.
   * @param changed Called when the form is another.
   */
  constructor(
    private readonly server: ShareServer,
    folder: PlaceOf,
    share: number | null,
    private readonly canSearch: boolean,
    private readonly changed: () => void
  ) {
    this.form = {
      kind: 'form',
      ...folder,
      share,
      extent: '',
      audience: 'user',
      principal: '',
      right: 'view',
      until: 'always',
      date: '',
      offered: NONE,
      round: 0
    };
  }

  /** The form as it is now. */
  get shown(): FormShown {
    return this.form;
  }

  /** Say how many files the folder has. */
  count(extent: string): void {
    this.form = { ...this.form, extent };
    this.changed();
  }

  /** Take what the user has typed or chosen. */
  change(field: FormField): void {
    this.form = { ...this.form, [field.name]: field.value };
    if (field.name === 'audience') {
      this.form = { ...this.form, principal: '', offered: NONE };
      this.asked = '';
    }
    if (field.name === 'principal') {
      void this.search(field.value);
    }
    this.changed();
  }

  /** Share, and give what happened in a sentence. */
  async submit(now: number): Promise<string> {
    const { place, title, audience, right } = this.form;
    const principal = audience === 'everyone' ? '' : this.form.principal.trim();
    const expires = endOf(this.form, now);
    if (this.form.until === 'date' && expires === null) {
      throw new Error('Choose the last day.');
    }
    const known = this.form.share;
    const share = known ?? (await this.server.make(place, title));
    // Should the grant be refused, the next try is about the same share.
    this.form = { ...this.form, share };
    try {
      await this.server.grant(share, { audience, principal, right, expires });
    } catch (error) {
      throw known === null && error instanceof Error
        ? alreadyKept(error, title)
        : error;
    }
    const { round } = this.form;
    this.form = { ...this.form, principal: '', offered: NONE, round: round + 1 };
    return `${who(audience, principal)} can ${right} “${title}” now.`;
  }

  /** Ask for the names that begin so. */
  private async search(typed: string): Promise<void> {
    const prefix = typed.trim();
    if (!this.canSearch || prefix.length < LETTERS || prefix === this.asked) {
      return;
    }
    this.asked = prefix;
    try {
      const offered = await this.server.people(prefix);
      // Another answer may have been asked for since.
      if (prefix === this.asked) {
        this.form = { ...this.form, offered };
        this.changed();
      }
    } catch {
      // A name that is not offered can be typed.
    }
  }
}

/** What a new share is that nobody was let into. */
function alreadyKept({ message }: Error, title: string): Error {
  return new Error(
    `${message} Nobody else sees “${title}”, and each saved state of it is kept from now on.`
  );
}

function who(audience: Audience, principal: string): string {
  switch (audience) {
    case 'user':
      return principal;
    case 'group':
      return `The group ${principal}`;
    case 'everyone':
      return 'Everyone who can log in';
  }
}
