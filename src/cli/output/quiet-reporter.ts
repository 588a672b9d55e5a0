import type { Event } from '../../core/events/event.ts';
import type { Reporter } from '../../report/reporter.ts';
import { PlainReporter } from '../../report/screen/plain-reporter.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';
import { textOptions, timeZone } from './output.ts';

const TROUBLE = new Set<Event['type']>([
  'host-unreachable',
  'play-refused',
  'host-refused',
  'window-late',
  'warning',
  'interrupted',
]);

/** For commands that print a table: errors go to stderr, and with -v all events. */
export function troubleReporter(environment: Environment, options: OutputOptions): Reporter {
  const { stderr, clock } = environment;
  const plain = new PlainReporter(stderr, {
    ...textOptions(stderr, options, environment),
    now: clock,
    timeZone: timeZone(options),
    verbosity: options.verbose,
  });
  return {
    handle: (event) => {
      if (options.verbose > 0 || TROUBLE.has(event.type)) plain.handle(event);
    },
    close: () => plain.close(),
  };
}
