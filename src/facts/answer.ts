import { type Fact, type FactRef, factRef } from '../core/fact.ts';

/** What a health endpoint of the host answers; no credential is shown to it. */
export interface Answer {
  /** HTTP status; undefined when nothing answers. */
  readonly status: number | undefined;
  /** The body, or why there is none. */
  readonly text: string;
  /** The question did not get through to the host's ports: nothing is known of who would have answered it. */
  readonly isUnasked?: true;
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
    return { status: undefined, text, ...(outcome?.kind === 'unavailable' && { isUnasked: true }) };
  },
};

/** A GET of `http(s)://address:port/path`, asked from the host itself. */
export function answer(url: { kind: 'http' | 'https'; address: string; port: number; path: string }): FactRef<Answer> {
  return factRef(answerFact, { ...url });
}
