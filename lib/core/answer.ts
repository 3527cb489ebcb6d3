/** The type of answers: a file of its own, which knows no schema. */

/** @internal */
export declare const answerBrand: unique symbol;

/**
 * A reply's answer: text that went through the reply parser (or came from a record that did), so
 * that no thought can stand in it. Reward models take nothing else.
 */
export type Answer = string & { readonly [answerBrand]: true };
