import { type Fact, type FactRef, factRef } from '../core/fact.ts';

/** What a health endpoint of the host answers; no credential is shown to it. */
export interface Answer {
  /** HTTP status; undefined when nothing answers. */
  readonly status: number | undefined;
  /** The body, or why there is none. */
  readonly text: string;
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
    return { status: undefined, text: outcome && 'reason' in outcome ? outcome.reason : 'it was not asked' };
  },
};

/** A GET of `http(s)://address:port/path`, asked from the host itself. */
export function answer(url: { kind: 'http' | 'https'; address: string; port: number; path: string }): FactRef<Answer> {
  return factRef(answerFact, { ...url });
}
