import type { Event } from '../core/events/event.ts';
import { PlainReporter } from '../report/plain-reporter.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Environment } from './environment.ts';
import type { OutputOptions } from './options.ts';
import { textOptions } from './output.ts';

const TROUBLE = new Set<Event['type']>(['host-unreachable', 'play-refused', 'host-refused', 'warning', 'interrupted']);

/** For commands whose result is a table: says only what went wrong, and on stderr. */
export function troubleReporter(environment: Environment, options: OutputOptions): Reporter {
  const { stderr, clock } = environment;
  const plain = new PlainReporter(stderr, { ...textOptions(stderr, options, environment), now: clock });
  return {
    handle: (event) => {
      if (TROUBLE.has(event.type)) plain.handle(event);
    },
    close: () => plain.close(),
  };
}
