/** Which token ends an assistant turn of a prompted model. */
import { InputError } from "../core/errors.ts";
import type { BaseModel } from "./base_model.ts";

/** The end token, and what a person should be told about it. */
export interface ChosenEos {
  token: string;
  id: number;
  notes: string[];
}

/**
 * The token asked for, else the family's end of turn where the vocabulary has it, else the
 * tokenizer's own EOS. Throws `InputError` where there is none.
 */
export function chooseEos(model: BaseModel, asked: string | undefined): ChosenEos {
  const { family, specialTokens, tokenId, dir } = model;
  const own = specialTokens.eos_token;
  if (asked !== undefined) {
    const id = tokenId(asked);
    if (id === undefined) {
      throw new InputError(
        `--eos ${JSON.stringify(asked)}: not one token of the tokenizer in ${dir}`,
      );
    }
    return { token: asked, id, notes: warnings(model, asked) };
  }
  const turnEndId = tokenId(family.turnEnd);
  if (turnEndId !== undefined) {
    return { token: family.turnEnd, id: turnEndId, notes: warnings(model, family.turnEnd) };
  }
  const lack = `the vocabulary has no ${family.turnEnd}`;
  if (own === undefined) {
    throw new InputError(`${dir}: ${lack}, and the tokenizer names no eos_token: give --eos TOKEN`);
  }
  const id = tokenId(own);
  if (id === undefined) {
    throw new InputError(
      `${dir}: ${lack}, nor the tokenizer's own eos_token ${JSON.stringify(own)}: give --eos TOKEN`,
    );
  }
  return {
    token: own,
    id,
    notes: [`${lack}: the tokenizer's own ${JSON.stringify(own)} ends a turn`],
  };
}

function warnings({ family, specialTokens }: BaseModel, token: string): string[] {
  if (token !== family.turnEnd || family.turnEndTrained || specialTokens.eos_token === token) {
    return [];
  }
  return [
    `warning: this base model never saw ${token} in training (its own end is ` +
    `${specialTokens.eos_token ?? "unknown"}): until it is trained through this template, ` +
    `replies end at the stop string in stop.txt, not at EOS`,
  ];
}
