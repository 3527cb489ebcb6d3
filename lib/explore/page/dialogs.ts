/// <reference lib="dom" />
/** What opens over the page: the filters as flags, a decision on all that is shown, the keys. */
import type { App } from "./app.ts";
import { type Child, count, h, hint, warning } from "./dom.ts";
import { flagsOf } from "./flags.ts";
import { helpElement } from "./help.ts";

/** Opens a dialog; it leaves the page when it is closed. */
function openDialog(title: string, ...body: Child[]): HTMLDialogElement {
  const close = h("button", { class: "quiet close", "aria-label": "Close" }, "×");
  const dialog = h(
    "dialog",
    { "aria-label": title },
    h("form", { method: "dialog" }, close),
    h("h2", title),
    ...body,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** The keys. */
export function openHelp({ data }: App): void {
  openDialog("Keys", helpElement(data));
}

/** The flags of `build-dpo` that do what the filters do, copied where that is allowed. */
export async function openFlags({ data, state, decided }: App): Promise<void> {
  const { command, without } = flagsOf(state.filters, {
    inputs: data.runs.filter(({ kind }) => kind === "scored").map(({ word }) => word),
    decisions: decided.word,
    searched: state.search !== null,
  });
  const text = h("textarea", { readonly: true, rows: "3", "aria-label": "The command" });
  text.value = command;
  const lacking = `No flag does what these filters do: ${without.join(", ")}. Exclude what they ` +
    "show (or the rest) by “decide on all shown”, and pass --decisions.";
  const title = "The same with build-dpo";
  const dialog = openDialog(title, text, without.length > 0 && warning(lacking));
  text.select();
  try {
    await navigator.clipboard.writeText(command);
    dialog.querySelector("h2")!.append(" (copied)");
  } catch {
    // Without the right to write there, the reader copies it from the field.
  }
}

/** One decision on every prompt that is shown. */
export function openDecideAll(app: App): void {
  const prompts = count(app.remaining.prompts);
  const comment = h("input", { placeholder: "comment", "aria-label": "Comment" });
  const decide = (action: "exclude" | "flag" | "keep") => {
    dialog.close();
    void app.decide({ action, rows: app.shownRows(), comment: comment.value });
  };
  const dialog = openDialog(
    `Decide on ${prompts} prompts`,
    comment,
    h(
      "div",
      { class: "decide" },
      h("button", { class: "main", onclick: () => decide("exclude") }, `exclude ${prompts}`),
      h("button", { onclick: () => decide("flag") }, "flag"),
      h("button", { onclick: () => decide("keep") }, "keep"),
    ),
    hint("“undo” in the bar takes it back."),
  );
}
