/** Rules, mutes, and what is kept of alerts. */
import { networkOf } from '../../../../src/alerts/guard.ts';
import { historyOf, readStates } from '../../../../src/alerts/order-file-lines.ts';
import { OwnRecords } from '../../../../src/alerts/own-records.ts';
import { readPattern } from '../../../../src/alerts/pattern.ts';
import { ruleContextOf } from '../../../../src/alerts/rule-context.ts';
import { SystemClock } from '../../../../src/model/clock.ts';
import { declaredFacts } from '../../../../src/model/facts.ts';
import { nameFor } from '../../../../src/orders/mute-writer.ts';
import { readMute } from '../../../../src/reading/mute.ts';
import { readRule, ruleNameOf } from '../../../../src/reading/rule.ts';
import { scales } from '../../../../src/reading/rule-threshold.ts';
import { clearParts, slotCount } from '../../../../src/reading/slot-count.ts';
import { firedOf } from '../../../../src/web/alerts/acknowledge.ts';
import { quoted, type TextReaders } from './feeds.ts';

const context = ruleContextOf(
	new Map([
		['icmp', declaredFacts()],
		[
			'http',
			declaredFacts([{ name: 'valid', kind: 'flag', help: 'whether it is valid', per: 'measurement' }]),
		],
	]),
);
const order = { id: 'a', user: 'me', probe: 'icmp', target: 'a.example', tags: {} };
const firing = {
	...{ id: 'loss|a|1', rule: 'loss', severity: 'warning' as const, order: 'a', what: 'loss 60 %', since: 1 },
	...{ raised: 61, pops: ['local'], told: null, held: null, acknowledged: null },
};
const ownRecords = (text: string) =>
	new OwnRecords({ clock: new SystemClock(), loadOwn: () => text, saveOwn: () => {} }).all;
const values = ['over', 'under', 'for', 'clear'];
const conditions = [
	...['loss', 'median', 'jitter', 'mos', 'unknown', 'route', 'pattern', 'score', 'fact'],
	...['sink', 'notifier', 'pop', 'clock'],
];

export const alerts: TextReaders = {
	'src/alerts/pattern.ts': [(text) => readPattern('loss', text)],
	'src/alerts/alert-details.ts': 'ids of orders, which are names of files: whole characters',
	'src/alerts/compiled-rule.ts': 'fed by src/orders/glob.ts and src/orders/selector.ts',
	'src/alerts/own-records.ts': [
		(text) => ownRecords(text),
		(text) => ownRecords(`{"about":"state","rule":"|owed|a","owed":{"id":${quoted(text)}}}`),
	],
	'src/alerts/records.ts': 'ids that we have made, of names of files',
	'src/alerts/part-alerts.ts': 'fed by src/orders/glob.ts',
	'src/alerts/mute-list.ts': 'fed by src/orders/selector.ts',
	'src/alerts/route-memory.ts': 'addresses; texts are fed to src/model/hop.ts',
	'src/alerts/known-routes.ts': 'addresses; texts are fed to src/model/hop.ts',
	'src/alerts/guard.ts': [networkOf],
	'src/alerts/order-file-lines.ts': [
		(text) => readStates(text, order),
		(text) => readStates(`{"about":"state"${text}`, order),
		historyOf,
	],
	'src/commands/alerts/backtest.ts': 'paths that somebody types',
	'src/web/alerts/rule-files.ts':
		'names of files; texts are fed to src/reading/rule.ts and src/reading/order.ts',
	'src/web/alerts/acknowledge.ts': [(text) => firedOf([firing], text)],
	'src/orders/mute-writer.ts': [
		(text) => nameFor({ orders: [text], rules: null, untilSeconds: null }, 0),
		(text) => nameFor({ orders: null, rules: null, untilSeconds: null, alert: text }, 0),
	],
	'src/reading/slot-count.ts': [slotCount, clearParts, (text) => clearParts(`5 slots under ${text}`)],
	'src/reading/rule-threshold.ts': Object.values(scales).map((scale) => (text: string) => scale.read(text)),
	'src/reading/rule-conditions.ts': 'fed by src/reading/rule.ts',
	'src/reading/rule.ts': [
		ruleNameOf,
		(text) => readRule('x', text, context),
		(text) =>
			readRule('x', `loss: {over: 20%}\nmatch: {orders: ${quoted(text)}}\ntitle: ${quoted(text)}`, context),
		...conditions.flatMap((condition) => [
			(text: string) => readRule('x', `${condition}: ${quoted(text)}`, context),
			...values.map(
				(key) => (text: string) => readRule('x', `${condition}: {${key}: ${quoted(text)}}`, context),
			),
		]),
		(text) => readRule('x', `pattern: {loss: ${quoted(text)}}`, context),
		(text) => readRule('x', `fact: {${quoted(text)}: {over: 1}}`, context),
		(text) => readRule('x', `fact: {http.valid: {is: ${quoted(text)}}}`, context),
	],
	'src/reading/mute.ts': [
		(text) => readMute('x', text, 0),
		(text) => readMute('x', `orders: a\nuntil: ${quoted(text)}`, 0),
	],
	'src/store/alert-files.ts':
		'lines that we have written; what others put there is read by src/alerts/order-file-lines.ts',
	'src/commands/check/rule-files.ts': 'names in a folder, which have 255 bytes',
};
