/** The command line. */
import { builtInProbes } from '../../../../probes/index.ts';
import { meantBy } from '../../../../src/commands/container/neighbours.ts';
import { type GraphSpec, graphArguments } from '../../../../src/commands/graph/arguments.ts';
import { readSize, readSpan } from '../../../../src/commands/graph/options.ts';
import { graphPage } from '../../../../src/commands/graph/page.ts';
import { secondsIn } from '../../../../src/commands/measure/wish.ts';
import { csvReport, textReport } from '../../../../src/commands/report/formats.ts';
import { readMonth } from '../../../../src/commands/report/month.ts';
import { escapeHtml } from '../../../../src/commands/shared/escape-html.ts';
import { labelsIn } from '../../../../src/commands/shared/order-labels.ts';
import { readTime } from '../../../../src/commands/shared/times.ts';
import { shellWords, valueText } from '../../../../src/commands/shared/words.ts';
import { groupByUser } from '../../../../src/commands/status/sort.ts';
import { environmentIn } from '../../../../src/commands/support/sections.ts';
import { withoutSecrets } from '../../../../src/commands/support/without-secrets.ts';
import { cutEnd, cutMiddle, widthOf, wrap } from '../../../../src/commands/terminal/text.ts';
import { orderDefaults } from '../../../../src/orders/lists/defaults.ts';
import { nameForTarget } from '../../../../src/orders/lists/id.ts';
import { readTargets, readWords } from '../../../../src/orders/lists/targets.ts';
import { isMarked, readFlags } from '../../../../src/orders/lists/text.ts';
import { OrderProblem } from '../../../../src/store/find-orders.ts';
import type { TextReaders } from './feeds.ts';

const row = { user: null, target: null, stepSeconds: 1, ageSeconds: 1, result: null, state: 'ok' };
const reported = {
	...{ isArchived: false, step: 1, slots: 1, down: 0, unknown: 0, uptime: 1, unknownShare: 0, budget: null },
	...{ sent: 1, lost: 0, loss: 0, median: null, p90: null, p99: null, max: null },
};
const month = { name: '2026-11', startSeconds: 0, endSeconds: 1 };
const graph: GraphSpec = {
	...{
		title: '',
		subtitle: '',
		startSeconds: 0,
		endSeconds: 60,
		pings: 5,
		size: { width: 600, height: 300 },
	},
	format: 'png',
	series: { names: [], stepSeconds: 60, rows: [] },
};

function pageOf(text: string): string {
	const labels = { title: text, note: text, link: text, objectivePercent: null, measured: text };
	const drawn = { id: text, isArchived: false, labels, period: text, dates: text, image: Buffer.alloc(0) };
	return graphPage({ title: text, drawnSeconds: 0, entries: [drawn, { id: text, problem: text }] });
}

export const commandLine: TextReaders = {
	'src/commands/container/index.ts': 'its variables are read by src/commands/container/neighbours.ts',
	'src/commands/container/neighbours.ts': [
		(text) =>
			meantBy({ TARGET_HOSTS: text, TARGET_URLS: text, TARGET_DOMAINS: text, EXPECTED_STRING: text }, String),
		(text) => meantBy({ SINK_TYPE: 'redis', REDIS_HOST: text, LOG_LEVEL: text }, String),
	],
	'src/commands/support/sections.ts': [(text) => environmentIn({ PINGMACHINE_USER: text, TZ: text })],
	'src/commands/support/without-secrets.ts': [
		(text) => withoutSecrets({ url: text, [text]: text }),
		(text) => withoutSecrets({ url: `https://${text}` }),
		(text) => withoutSecrets({ notifiers: [{ url: `https://a/?${text}=${text}` }] }),
	],
	'src/orders/lists/targets.ts': [
		readTargets,
		(text) => readTargets(`${text}\r x`),
		(text) => readWords([text, `a@${text}`]),
		(text) => readTargets(JSON.stringify([{ targets: [text], labels: { a: text, [text]: 'b' } }])),
	],
	'src/orders/lists/remote-targets.ts': 'a list that is fed to src/orders/lists/targets.ts',
	'src/orders/lists/text.ts': [
		(text) => isMarked('x', text),
		...['user', 'step', 'pings', 'probe'].map((flag) => (text: string) => {
			const flags = { user: 'x', step: '60', pings: '5', probe: 'fping' };
			return readFlags(
				{ ...flags, [flag]: text, option: [`host=${text}`], set: [text] },
				builtInProbes,
				orderDefaults(),
			);
		}),
	],
	'src/commands/mpcli/targets.ts': 'ids, which are paths',
	'src/orders/lists/wanted.ts': 'ids, which are paths',
	'src/orders/lists/id.ts': [nameForTarget],
	'src/commands/status/sort.ts': [
		(text) => groupByUser([{ ...row, id: text, target: text, user: text } as never], 'target'),
	],
	'src/commands/terminal/text.ts': [
		widthOf,
		(text) => cutEnd(text, 80),
		(text) => cutMiddle(text, 80),
		(text) => wrap(text, 80, 1000),
	],
	'src/commands/report/formats.ts': [
		(text) => csvReport([{ ...reported, id: text, title: text }], month),
		(text) => textReport([{ ...reported, id: text, title: text }], month),
	],
	'src/commands/report/month.ts': [(text) => readMonth(text, 0)],
	'src/commands/report/index.ts': 'a word of the command line, tried once, and words of our own',
	'src/commands/shared/escape-html.ts': [escapeHtml],
	'src/commands/shared/times.ts': [(text) => readTime('--start', text, 0)],
	'src/commands/shared/words.ts': [
		valueText,
		(text) => shellWords({ program: 'x', args: [text], is_cut: false, input_lines: 0 }),
	],
	'src/store/find-orders.ts': [(text) => new OrderProblem(text)],
	'src/commands/graph/options.ts': [
		readSize,
		(text) => readSpan({ basedir: '', period: text }, 0),
		(text) => readSpan({ basedir: '', start: text, end: text }, 0),
	],
	'src/commands/graph/page.ts': [(text) => pageOf(text)],
	'src/commands/graph/arguments.ts': [
		(text) => graphArguments({ ...graph, title: text }),
		(text) => graphArguments({ ...graph, subtitle: text }),
	],
	'src/commands/graph/index.ts': 'ids of orders that there are',
	'src/reading/order-labels.ts': 'fed by src/commands/shared/order-labels.ts',
	'src/commands/shared/order-labels.ts': [
		(text) => labelsIn('x', text, builtInProbes),
		(text) =>
			labelsIn('x', JSON.stringify({ title: text, note: text, link: `http://${text}` }), builtInProbes),
	],
	'src/commands/graph/rrdtool.ts': 'what rrdtool says, one line of it',
	'src/commands/graph/terminal.ts': 'the environment of the user',
	'src/commands/terminal/terminal-answer.ts': 'what the terminal of the user says',
	'src/commands/terminal/few-colours.ts': 'pixels',
	'src/commands/completion/complete.ts': 'the beginning of a word that the user types',
	'src/commands/completion/made-script.ts': 'the name of a shell, or nothing',
	'src/commands/quick.ts': 'the first word of a command line',
	'src/commands/completion/fish.ts': 'texts of our own help',
	'src/commands/completion/zsh.ts': 'texts of our own help',
	'src/commands/man/command-page.ts': 'texts of our own help',
	'src/commands/man/sections.ts': 'texts of our own help',
	'src/commands/man/help-text.ts': 'texts of our own help',
	'src/commands/man/page.ts': 'texts of our own help',
	'src/commands/man/roff.ts': 'texts of our own help',
	'src/commands/shared/command-tree.ts': 'texts of our own help',
	'src/commands/shared/completion-offers.ts': 'texts of our own help',
	'src/commands/explain/route.ts': 'fed by src/model/hop.ts',
	'src/commands/explain/told-facts.ts': 'the first word of a hop, which is of bounded length',
	'src/commands/explain/page.ts': 'fed by src/commands/terminal/text.ts',
	'src/commands/export/index.ts': 'fed by src/commands/shared/times.ts',
	'src/commands/order/sources.ts': 'the key of a finding, which is an excerpt',
	'src/orders/lists/input.ts': 'a mark at the beginning',
	'src/memory/ask-daemon.ts': 'JSON of our own daemon',
	'src/model/status-answer.ts': 'JSON of our own daemon',
	'src/commands/status/json.ts': 'JSON of our own, by a pattern that looks at each character once',
	'src/commands/status/whole-table.ts': 'each text alone, by a pattern that looks at each character once',
	'src/commands/shared/read-row.ts': 'states in a list',
	'src/commands/status/rows.ts': 'names of points of presence, fed to src/orders/glob.ts',
	'src/commands/status/daemon.ts': 'JSON of our own daemon',
	'src/commands/status/index.ts': 'digits and names of flags',
	'src/commands/export/histories.ts': 'lines of our own files, each of bounded length',
	'src/commands/measure/index.ts': 'names of options of our own',
	'src/commands/measure/from.ts': 'names of points of presence, looked up among those that the daemon knows',
	'src/commands/measure/wish.ts': [(text) => secondsIn(text)],
	'src/commands/status/check.ts': 'fed by src/model/printable.ts',
	'src/commands/status/scroll.ts': 'keys that the user of the terminal presses',
	'probes/shared/watching-hosts.ts': 'addresses in a list, compared as a whole',
	'probes/ssh/run.ts': 'addresses in a list, compared as a whole',
};
