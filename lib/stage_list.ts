/** The one list of stages, a line each; `stages.ts` puts them into their order. */
export * from "./prompted/stage.ts";
export * from "./teacher/stage.ts";
export * from "./dataset/sft/stage.ts";
export * from "./policy/stage.ts";
export * from "./reward/stage.ts";
export * from "./dataset/dpo/stage.ts";
export * from "./dataset/rl/stage.ts";
export * from "./evaluate/stage.ts";
export * from "./check_reward/stage.ts";
export * from "./training/stage.ts";
export * from "./dataset/push/stage.ts";
