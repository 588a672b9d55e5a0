import { type Fact, type FactRef, factRef } from '../core/fact.ts';

/** The answer of a health endpoint on the host, asked without credentials. */
export interface Answer {
  /** HTTP status; undefined without an answer. */
  readonly status: number | undefined;
  /** The body, or why there is none. */
  readonly text: string;
  /** The request did not reach the host's ports: it says nothing about the endpoint. */
  readonly isUnasked?: true;
  /** It did not come in time: whether anything would have answered is not known. */
  readonly isLate?: true;
}

interface AnswerParams {
  readonly [key: string]: string | number;
  readonly kind: 'http' | 'https';
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

const answerFact: Fact<AnswerParams, Answer> = {
  name: 'answer',
  summary: 'what a health endpoint answers',
  probe: ({ kind, address, port, path }) => ({ dials: [{ kind, address, port, path }] }),
  parse({ dials: [outcome] }) {
    if (outcome?.kind === 'http') return { status: outcome.status, text: outcome.body };
    const text = outcome && 'reason' in outcome ? outcome.reason : 'it was not queried';
    return {
      status: undefined,
      text,
      ...(outcome?.kind === 'unavailable' && { isUnasked: true }),
      ...(outcome?.kind === 'closed' && outcome.isLate && { isLate: true }),
    };
  },
};

/** A GET of `http(s)://address:port/path` from the host itself. */
export function answer(url: { kind: 'http' | 'https'; address: string; port: number; path: string }): FactRef<Answer> {
  return factRef(answerFact, { ...url });
}
