// Measures what many clusters cost beside as many hosts of none: npm run bench:clusters -- [--hosts 1000] [--size 5] [--repeat 3]
import { compare } from './ways.ts';
import { readWords } from './words.ts';

const given = readWords(process.argv.slice(2), { hosts: '1000', size: '5', repeat: '3' });
const size = Math.max(...given.size);
/** As many as there are by default. */
const CLUSTERS = 4;
// The same number of hosts at once in both.
const words = () => ['--forks', String(CLUSTERS * size), '--clusters', String(CLUSTERS)];

await compare({ hosts: Math.max(...given.hosts), repeat: Math.max(...given.repeat), kplay: given.kplay }, [
  { name: 'of no cluster', words },
  { name: `in clusters of ${size}`, clusterSize: size, words },
]);
