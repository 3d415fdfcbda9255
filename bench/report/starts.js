// Cold starts, less the median of bare Node: two processes have no samples in common.

import { figure, spread, summary } from '../statistics.js';
import { ratio, table } from './cells.js';

export function coldStarts({ cold }) {
  if (!cold) return [];
  const [bare, web] = [cold.bare, cold.web].map((own) => summary(own.map(({ total }) => total)));
  const totals = (samples) => summary(samples.map(({ total }) => total - bare.median));
  const ours = cold.peers.find(({ name }) => name === 'kavachos');
  const rows = cold.peers.map(({ name, samples }) => {
    const inside = ['import', 'open', 'session'].map((part) => {
      return figure(summary(samples.map((sample) => sample[part])).median);
    });
    const own = totals(samples);
    const compared = ours && name !== 'kavachos' && ratio(totals(ours.samples).median / own.median);
    return [name, spread(own), compared || '', ...inside];
  });
  rows.push(["Node's web objects alone", figure(web.median - bare.median), '', '', '', '']);
  const head = [
    'ms, medians', 'until the first session', 'kavachos / this', 'import', 'open', 'session',
  ];
  const title = `## Cold start on an existing SQLite file, less ${spread(bare)} ms of bare Node`;
  return table(title, head, rows);
}
