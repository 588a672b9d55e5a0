import { LocalLink } from '../../../src/transport/local-link.ts';

/** As an ordinary user: starts a process that root owns, gives it up twice, and closes the link. The argument is its command. */
/** A user without any rights. */
const USER = 65_534;

process.setgid?.(USER);
process.setuid?.(USER);
const link = new LocalLink({ PATH: process.env['PATH'] });
const started = await link.spawn(`exec ${process.argv[2]}`);
await new Promise((resolve) => started.stdout.once('data', resolve));
started.abandon();
started.abandon();
await link.close();
process.stdout.write('closed\n');
