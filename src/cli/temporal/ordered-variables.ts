import { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { readExtraVars } from '../inputs/extra-vars.ts';
import { looksSecret } from '../inputs/secret-variables.ts';

/** How hosts are reached: a variable of these could have a worker run any program, or go elsewhere. */
const OF_WORKERS = /^ansible_|^kplay_rootfs$/;

/** What is a secret whatever it is called: a key in PEM, and a password in a URL. */
const SECRET_VALUE = /-----BEGIN|:\/\/[^\s/:@]*:[^\s/@]+@/;

/**
 * What `-e` may not hand on to workers is added to `problems`. The one who asks is told so, and a worker does not rely on that: whoever may
 * begin workflows in its namespace could ask for anything.
 */
export function checkOrderedVariables(extraVars: readonly string[], problems: Problems): void {
  for (const text of extraVars) {
    const place = new SourceFile('-e', text).range(0, text.length);
    if (text.startsWith('@'))
      problems.error(
        'a variables file stays on this machine',
        place,
        'pass its variables with -e, or put them where the workers read them',
      );
    else if (looksSecret(text) || SECRET_VALUE.test(text))
      problems.error(
        'this looks like a secret, and would be stored on the Temporal server',
        place,
        'put it into the inventory of the workers',
      );
    // What is wrong with it as it is written is said by whoever reads it.
    else
      for (const name of readExtraVars([text], new Problems()).vars.keys())
        if (OF_WORKERS.test(name))
          problems.error(
            `${name} is a connection setting, which is up to the workers`,
            place,
            'put it into the inventory of the workers',
          );
  }
}
