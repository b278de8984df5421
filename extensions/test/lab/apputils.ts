/** Stands in for `@jupyterlab/apputils`: dialogs that a test answers. */

/** What a dialog was opened with. */
export interface Asked {
  readonly title: string;
  readonly body: string;
}

/** The dialogs that were opened, and the answer to each. */
export const dialogs = { asked: [] as Asked[], accept: true };

/** The buttons of a dialog. */
export const Dialog = {
  cancelButton: (): object => ({}),
  warnButton: (): object => ({})
};

/** Answer a dialog at once. */
export async function showDialog(asked: Asked): Promise<object> {
  dialogs.asked.push(asked);
  return { button: { accept: dialogs.accept } };
}
