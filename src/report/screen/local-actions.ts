import type { EventOf } from '../reporter.ts';
import { groupBy } from '../text/words.ts';

/** The hooks of a play: `hooks of a run: on_start 'Silence alerts'; on_wave 'Tell the channel'`. No line if there are none. */
export function hookLines({ hooks = [] }: EventOf<'play-started'>): readonly string[] {
  const moments = [...groupBy(hooks, ({ moment }) => moment)].map(
    ([moment, own]) => `on_${moment} ${own.map(({ name }) => `'${name}'`).join(', ')}`,
  );
  return moments.length > 0 ? [`hooks of a run: ${moments.join('; ')}`] : [];
}

/** A successful local action; failures are reported elsewhere. */
export function successText(event: EventOf<'hook-finished' | 'cluster-check'>): readonly string[] {
  if (event.type === 'hook-finished')
    return event.succeeded ? [`on_${event.moment}: '${event.hook}' has been called`] : [];
  return event.outcome === 'passed' ? [`check '${event.check}' has passed`] : [];
}
