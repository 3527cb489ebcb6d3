/** Parameters that a model does not take: left out once a server has said so, live and in batches. */
import { ModelError } from "../../core/errors.ts";
import type { Wrapper } from "./call.ts";

/** A request's body as JSON. */
export type Body = Record<string, unknown>;

/** How refusals are understood. */
export interface RefusedParametersOptions {
  /** As users know it: `openai`. */
  provider: string;
  model: string;
  /** The parameter that an error refuses as such; undefined for any other error. */
  refused: (error: unknown) => string | undefined;
  /** Puts another parameter in a refused one's place; by default it is left out. */
  replace?: (body: Body, name: string) => Body;
  log?: (line: string) => void;
}

/** What one model is known to refuse. One object serves all its requests, live ones and batches. */
export interface RefusedParameters {
  /** The body as the model takes it, as far as is known. */
  without(body: Body): Body;
  /**
   * Learns from a failure of a request that was sent with `body`: a `retry` where asking again can
   * help, else undefined. A refused request is no outage, and costs nothing.
   */
  learn(error: unknown, body: Body): ModelError | undefined;
}

/** Nothing is refused until a server has said so. */
export function refusedParameters(options: RefusedParametersOptions): RefusedParameters {
  const { provider, model, refused, log } = options;
  const { replace = (body, name) => Object.fromEntries(omit(body, name)) } = options;
  const left = new Set<string>();
  return {
    without: (body) =>
      [...left].reduce((sent, name) => name in sent ? replace(sent, name) : sent, body),
    learn(error, body) {
      const name = refused(error);
      if (name === undefined || !(name in body)) return undefined;
      if (!left.has(name)) log?.(`${provider}: ${model} takes no ${name}: it is left out`);
      left.add(name);
      return new ModelError("retry", `${model} takes no ${name}`, { outage: false });
    },
  };
}

/** Sends bodies without what is refused; a refusal is learnt and thrown as a `retry`. */
export function withoutRefused<R>(known: RefusedParameters): Wrapper<Body, R> {
  return (next) => async (body, signal) => {
    const sent = known.without(body);
    try {
      return await next(sent, signal);
    } catch (error) {
      throw known.learn(error, sent) ?? error;
    }
  };
}

function omit(body: Body, name: string): [string, unknown][] {
  return Object.entries(body).filter(([key]) => key !== name);
}
