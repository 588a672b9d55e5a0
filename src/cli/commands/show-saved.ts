import { count } from '../../core/count.ts';
import { quoteWord } from '../../core/shell.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { createStyle } from '../../report/text/style.ts';
import { formatMinute, UTC } from '../../report/text/time.ts';
import type { Environment } from '../environment.ts';
import { EXIT, hasChanges } from '../exit-code.ts';
import { shownPath } from '../inputs/playbook-files.ts';
import { readSavedPlan } from '../inputs/saved-plan.ts';
import type { ShowOptions, StateOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export type ShowSavedOptions = ShowOptions & StateOptions;

/**
 * `kplay show FILE`: shows a saved plan as it was shown when it was made. No host is contacted.
 * @throws {InputError} for a file that kplay apply would not apply either.
 */
export async function showSaved(path: string, options: ShowSavedOptions, environment: Environment): Promise<number> {
  const saved = await readSavedPlan(path);
  const { stdout } = environment;
  if (isDocument(options.output)) {
    stdout.write(await documentText(options.output, saved));
    return EXIT.good;
  }
  const { text } = createStyle(textOptions(stdout, options, environment));
  const zone = timeZone(options);
  const made = `${formatMinute(new Date(saved.plannedAt), zone)} ${zone === UTC ? UTC : zone}`;
  const hosts = count(Object.keys(saved.hosts).length, 'host');
  stdout.write(
    `${text(`Plan of ${shownPath(saved.playbook.path)} for ${hosts}, made ${made} by kplay ${saved.kplay}`)}\n\n`,
  );
  for (const play of saved.plays) showPlan(play, options, environment);
  if (!hasChanges({ plans: saved.plays })) return EXIT.good;
  const words = sameOptions({ state: options.state }, { command: 'apply', isSame: false });
  stdout.write(`${text(`Next: kplay apply ${quoteWord(path)} ${words}`.trimEnd())}\n`);
  return EXIT.good;
}
