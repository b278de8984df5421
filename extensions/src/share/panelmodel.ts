/** What the user does in the panel, and what it shows then. */

import type { Act, PanelActions, PlaceOf } from './act.js';
import type { Detail, Origin, SharingState } from './answer.js';
import { FormModel } from './formmodel.js';
import type { ShareServer } from './server.js';
import { type Note, type PanelShown, STEP } from './shown.js';
import { VersionsModel } from './versionsmodel.js';
import { plain } from './words.js';

/** What the panel has JupyterLab do. */
export interface Desk {
  /** Show a folder in the file browser. */
  readonly go: (place: string) => void;
  /** Let the file browser be at a folder when it is looked at. */
  readonly lead: (place: string) => void;
  /** Put a text in the clipboard. */
  readonly copy: (text: string) => Promise<void>;
  /** Count the files of a folder, in words. */
  readonly measure: (place: string) => Promise<string>;
  /** The folder in the file browser; `null` for the user's home. */
  readonly folder: () => PlaceOf | null;
}

/** The state of the panel between two drawings. */
export class PanelModel {
  private state: SharingState | null = null;
  private readonly opened = new Set<string>();
  private readonly limits = new Map<string, number>();
  private readonly busy = new Set<string>();
  private readonly notes = new Map<string, Note>();
  private readonly details = new Map<number, Detail>();
  private letters = '';
  private asking: string | null = null;
  private page: FormModel | VersionsModel | null = null;
  private focus: string | null = null;
  /** The folder whose origin is known, and that. */
  private copied: { readonly place: string; readonly origin: Origin | null } | null =
    null;
  /** Where the user was before a question was asked or a page was opened. */
  private origin: string | null = null;

  /**
   * @param server Does what the user wants.
   * @param desk The page around the panel.
   * @param changed Called when the panel shows something else.
   */
  constructor(
    private readonly server: ShareServer,
    private readonly desk: Desk,
    private readonly changed: () => void
  ) {}

  /** What to show at a time in epoch milliseconds; `null` while nothing is known. */
  shownAt(now: number): PanelShown | null {
    const { state, opened, letters, limits, asking, busy, notes, details } = this;
    if (state === null) {
      return null;
    }
    const page = this.page?.shown ?? { kind: 'lists' };
    const folder = this.desk.folder();
    const origin = this.copied?.place === folder?.place ? this.copied?.origin : null;
    return {
      ...{ state, now, page, opened, letters, limits, asking, busy, notes, details },
      ...{ folder, origin: origin ?? null }
    };
  }

  /** The element that takes the focus after the next drawing; asked once. */
  takeFocus(): string | null {
    const { focus } = this;
    this.focus = null;
    return focus;
  }

  /** Take the newest state. */
  absorb(state: SharingState): void {
    const wasCopied = this.isCopied(this.copied?.place);
    this.state = state;
    if (wasCopied && !this.isCopied(this.copied?.place)) {
      this.arrive();
    }
    for (const { id } of state.mine) {
      if (this.isWatched(id)) {
        void this.loadDetail(id);
      }
    }
    if (this.page instanceof VersionsModel) {
      void this.loadVersions(this.page);
    }
    this.changed();
  }

  /** Learn where the folder in the file browser came from. */
  arrive(): void {
    const place = this.desk.folder()?.place;
    this.copied = null;
    this.changed();
    if (place === undefined) {
      return;
    }
    const learn = (origin: Origin | null): void => {
      if (this.desk.folder()?.place === place) {
        this.copied = { place, origin };
        this.changed();
      }
    };
    // A folder that says nothing of itself is none that was copied.
    void this.server.origin(place).then(learn, () => learn(null));
  }

  /** Go to the form for a folder. */
  share(folder: PlaceOf): void {
    const known = this.state?.folders.find(
      it => it.is_mine && it.place === folder.place
    );
    const canSearch = this.state?.me?.list_names ?? false;
    const title = known?.title ?? folder.title;
    const form = new FormModel(
      this.server,
      { place: folder.place, title },
      known?.share ?? null,
      canSearch,
      this.changed
    );
    const isAlone = this.state?.me?.several === false;
    this.show(form, isAlone ? 'back' : 'principal');
    this.notes.delete('form');
    if (known !== undefined) {
      void this.loadDetail(known.share);
    }
    void this.desk.measure(folder.place).then(
      words => form.count(words),
      () => undefined
    );
  }

  /** Go to the versions of a share. */
  versions(share: number): void {
    const { mine = [], others = [] } = this.state ?? {};
    const found = [...mine, ...others].find(it => it.id === share);
    if (found === undefined) {
      return;
    }
    const model = new VersionsModel(this.server, share, found.title);
    this.forget('version', 'diff', 'file');
    this.show(model, 'back');
    void this.loadVersions(model);
  }

  /** Go back to the lists, or take a question back; whether there was either. */
  back(): boolean {
    if (this.asking !== null) {
      this.ask(null);
      return true;
    }
    if (this.page === null) {
      return false;
    }
    this.page = null;
    this.focus = this.origin;
    this.changed();
    return true;
  }

  /** What the views call. */
  readonly actions: PanelActions = {
    toggle: part => this.toggle(part),
    act: (place, act) => void this.attempt(place, () => this.perform(act)),
    ask: question => this.ask(question),
    filter: letters => {
      this.letters = letters;
      this.limits.clear();
      this.changed();
    },
    more: list => {
      this.limits.set(list, (this.limits.get(list) ?? STEP) + STEP);
      this.changed();
    },
    go: place => this.desk.go(place),
    copyLink: (place, address) =>
      void this.attempt(place, async () => {
        await this.desk.copy(address);
        return 'The link is in the clipboard. It works for those who may see the folder.';
      }),
    share: folder => this.share(folder),
    versions: share => this.versions(share),
    back: () => this.back(),
    change: field => this.page instanceof FormModel && this.page.change(field),
    submit: () => this.submit(),
    compare: (seq, path) => this.compare(seq, path)
  };

  private toggle(part: string): void {
    if (!this.opened.delete(part)) {
      this.opened.add(part);
      const [kind, id] = part.split(' ');
      if (kind === 'people') {
        void this.loadDetail(Number(id));
      }
    }
    this.changed();
  }

  private ask(question: string | null): void {
    this.focus = question === null ? this.asking : `${question} no`;
    this.asking = question;
    this.changed();
  }

  private submit(): void {
    const form = this.page;
    if (!(form instanceof FormModel)) {
      return;
    }
    void this.attempt('form', async () => {
      const words = await form.submit(Date.now());
      if (form.shown.share !== null) {
        await this.loadDetail(form.shown.share);
      }
      this.focus = 'principal';
      return words;
    });
  }

  private compare(seq: number, path: string | null): void {
    const model = this.page;
    if (model instanceof VersionsModel) {
      const place = path === null ? `version ${seq}` : `file ${seq} ${path}`;
      void this.attempt(place, async () => {
        await model.compare(seq, path);
        return '';
      });
    }
  }

  /** Do something, and show at `place` what came of it. */
  private async attempt(place: string, work: () => Promise<string>): Promise<void> {
    if (this.busy.has(place)) {
      return;
    }
    this.busy.add(place);
    this.notes.delete(place);
    this.changed();
    try {
      const words = await work();
      if (words !== '') {
        this.notes.set(place, { words, isProblem: false });
      }
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.notes.set(place, { words: plain(words), isProblem: true });
    }
    this.busy.delete(place);
    this.changed();
  }

  /** Have the server do it, and give what to say. */
  private async perform(act: Act): Promise<string> {
    const { server } = this;
    switch (act.type) {
      case 'open': {
        const place = await server.open(act.share);
        this.desk.lead(place);
        return `It is in ${plain(place)}.`;
      }
      case 'clone': {
        const place = await server.clone(act.share, act.seq);
        this.desk.lead(place);
        return `Your copy is ${plain(place)}. It follows nothing and is yours alone.`;
      }
      case 'leave':
        await server.leave(act.folder);
        return '';
      case 'keep':
        await server.make(act.place, act.title);
        return `Each saved state of “${plain(act.title)}” is kept from now on.`;
      case 'answer':
        await server.answer(act.folder, act.isDeletion);
        return '';
      case 'resolve': {
        const { conflict, cell, take } = act.choice;
        await server.resolve(act.folder, conflict, cell, take);
        return '';
      }
      case 'dismiss':
        await server.dismiss(act.folder, act.conflict);
        return '';
      default:
        return this.performOwn(act);
    }
  }

  private async performOwn(act: Owner): Promise<string> {
    const { server } = this;
    switch (act.type) {
      case 'revoke': {
        const { audience, principal } = act.of;
        await server.revoke(act.share, audience, principal);
        await this.loadDetail(act.share);
        return '';
      }
      case 'unshare': {
        const { grants } = await server.detail(act.share);
        for (const { audience, principal } of grants) {
          await server.revoke(act.share, audience, principal);
        }
        this.details.delete(act.share);
        return 'You do not share it any more.';
      }
      case 'end':
        await server.end(act.share);
        return '';
      case 'name': {
        const { share, seq } = act.version;
        await server.name(share, seq, act.name);
        await this.reloadVersions();
        return act.name === ''
          ? 'It has no name now.'
          : 'A version with a name is kept for good.';
      }
      case 'restore': {
        const { share, seq } = act.version;
        await server.restore(share, seq, act.paths);
        await this.reloadVersions();
        return 'Restored as a new version.';
      }
    }
  }

  private show(page: FormModel | VersionsModel, focus: string): void {
    this.origin = document.activeElement?.getAttribute('data-focus') ?? null;
    this.page = page;
    this.asking = null;
    this.focus = focus;
    this.changed();
  }

  private forget(...kinds: readonly string[]): void {
    const isOf = (key: string): boolean => kinds.includes(key.split(' ', 1)[0] ?? '');
    for (const key of [...this.opened, ...this.notes.keys()].filter(isOf)) {
      this.opened.delete(key);
      this.notes.delete(key);
    }
    this.notes.delete('versions');
  }

  /** Whether a folder is a copy that is not whole yet. */
  private isCopied(place: string | undefined): boolean {
    return this.state?.folders.some(it => it.is_copy && it.place === place) ?? false;
  }

  /** Whether the people of a share are in view. */
  private isWatched(share: number): boolean {
    const isInForm = this.page instanceof FormModel && this.page.shown.share === share;
    return isInForm || this.opened.has(`people ${share}`);
  }

  private async loadDetail(share: number): Promise<void> {
    try {
      this.details.set(share, await this.server.detail(share));
      this.changed();
    } catch {
      // The list says when the service is away, and asks again with the next news.
    }
  }

  private async loadVersions(model: VersionsModel): Promise<void> {
    const { mine = [], others = [] } = this.state ?? {};
    const head = [...mine, ...others].find(it => it.id === model.share)?.head ?? 0;
    try {
      await model.load(head);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.notes.set('versions', { words: plain(words), isProblem: true });
    }
    this.changed();
  }

  private async reloadVersions(): Promise<void> {
    if (this.page instanceof VersionsModel) {
      await this.page.reload();
    }
  }
}

type Owner = Extract<
  Act,
  { readonly type: 'revoke' | 'unshare' | 'end' | 'name' | 'restore' }
>;
