/** Orders, telegraf/, the config, and what is said about what was read. */
import type { z } from 'zod';
import { builtInProbes } from '../../../../probes/index.ts';
import { configFileKeys, loadConfig } from '../../../../src/config/config.ts';
import { fill } from '../../../../src/config/environment.ts';
import { keyTreeOf, pathIn } from '../../../../src/config/key-tree.ts';
import { limitsFor, limitsSetting } from '../../../../src/config/limits-setting.ts';
import { readProbesSetting } from '../../../../src/config/probes-setting.ts';
import { readSinks } from '../../../../src/config/sink-config.ts';
import { sinkName } from '../../../../src/config/sink-name.ts';
import { targetsSetting } from '../../../../src/config/targets-setting.ts';
import { colouredLine, journalLine, jsonLine } from '../../../../src/host/log-line.ts';
import { influxName, influxTag } from '../../../../src/model/influx-names.ts';
import { nearest } from '../../../../src/model/nearest.ts';
import { objectivePercent } from '../../../../src/model/objective.ts';
import { wrongWithOrderId } from '../../../../src/model/order-id.ts';
import { escapeJson, excerpt, firstUnprintable, printable } from '../../../../src/model/printable.ts';
import { sizeBytes } from '../../../../src/model/size.ts';
import { spanSeconds } from '../../../../src/model/span.ts';
import { noLimits } from '../../../../src/model/user-limits.ts';
import { globPattern } from '../../../../src/orders/glob.ts';
import { wrongWithId } from '../../../../src/orders/names.ts';
import { selectOrders } from '../../../../src/orders/selector.ts';
import { readOrder } from '../../../../src/reading/order.ts';
import { readTelegrafFile } from '../../../../src/reading/order-telegraf.ts';
import { readStrict } from '../../../../src/reading/strict-section.ts';
import { readAsWritten, readMapping } from '../../../../src/reading/yaml-mapping.ts';
import { builtInSinks } from '../../../../src/sinks/index.ts';
import { type Feed, order, paths, quoted, read, type TextReaders } from './feeds.ts';

/** An order for each probe with the text as each of its options, and as a name of one. */
const probeFeeds: readonly Feed[] = [...builtInProbes.values()].flatMap((probe) => {
	const { shape } = probe.options as unknown as z.ZodObject;
	return [...Object.keys(shape).map(quoted), null].map((key) => (text: string) => {
		const option = key === null ? `${quoted(text)}: 1` : `${key}: ${quoted(text)}`;
		return read(`probe: ${probe.name}\n${probe.name}: {${option}}\n`);
	});
});

const sink = { type: 'telegraf', url: 'udp://127.0.0.1:8094' };

const sinkKeys = ['type', 'name', 'orders', 'url', 'tags', 'password', 'bucket', 'token_file'];

const configTree = keyTreeOf(configFileKeys);

export const ordersAndConfig: TextReaders = {
	'src/reading/order.ts': [
		read,
		(text) => readOrder('x', text, builtInProbes),
		(text) => readOrder(text, order('probe: fping\nfping: {host: x}\n'), builtInProbes),
		...probeFeeds,
		...['user', 'task', 'step', 'pings', 'probe', 'rrd_template', 'measurement_name', 'tags', 'telegraf'].map(
			(key) => (text: string) => read(`probe: fping\nfping: {host: x}\n${key}: ${quoted(text)}\n`),
		),
		(text) => read(`probe: fping\nfping: {host: x}\ntags: {${quoted(text)}: 1, a: ${quoted(text)}}\n`),
		(text) => read(`probe: fping\nfping: {host: x}\n${quoted(text)}: 1\n`),
		(text) => read(`probe: fping\n${quoted(text)}: {host: x}\n`),
	],
	'src/reading/order-fields.ts': 'fed by src/reading/order.ts',
	'src/reading/order-telegraf.ts': [
		readTelegrafFile,
		(text) => readTelegrafFile(`measurement_name: x\ntags: {a: ${quoted(text)}}`),
	],
	'src/reading/strict-section.ts': [
		...[...builtInProbes.values()].map(
			(probe) => (text: string) => readStrict(probe.settings, { [text]: 1, command: text }, 'x'),
		),
	],
	'src/reading/yaml-mapping.ts': [
		readMapping,
		readAsWritten,
		...['a: ', '- ', '? ', '"', "'", '|\n ', '>\n ', 'a: &a ', '{', '[', '!!str ', '%TAG ! '].map(
			(before) => (text: string) => readMapping(before + text),
		),
		...['a: &a x\n? [', 'a: &a [x]\nb: [', 'a: &a {b: c}\nb: ['].map(
			(before) => (text: string) => readMapping(`${before}${text}]\n: 1\n`),
		),
	],
	'src/reading/yaml-keys.ts': 'fed by src/reading/yaml-mapping.ts',
	'src/reading/plain-yaml.ts': 'fed by src/reading/yaml-mapping.ts',
	'src/config/flags.ts': 'the command line; fed by src/config/config.ts',
	'src/config/config.ts': [
		(text) => {
			const flags = { basedir: text, maxAge: text, user: text, logLevel: text, logFormat: text };
			return loadConfig({ flags, probes: builtInProbes, sinks: builtInSinks });
		},
	],
	'src/config/environment.ts': [
		(text) => fill({ user: text }, {}, configTree),
		(text) => fill({ user: `$\{${text}` }, {}, configTree),
		(text) => fill({}, { [`PINGMACHINE_${text}`]: 'x' }, configTree),
		(text) => fill({}, { PINGMACHINE_SINKS: text }, configTree),
	],
	'src/config/key-tree.ts': [
		(text) => pathIn(configTree, text),
		(text) => pathIn(configTree, `limits_users_${text}`),
	],
	'src/config/targets-setting.ts': [
		(text) => targetsSetting.safeParse([{ file: text, prefix: text }]),
		(text) => targetsSetting.safeParse([{ redis: `redis://${text}`, key: text, prefix: 'a' }]),
	],
	'src/config/probes-setting.ts': [
		(text) => readProbesSetting(text),
		(text) => readProbesSetting([text, text, { [text]: {} }]),
	],
	'src/config/limits-setting.ts': [
		(text) => limitsSetting.safeParse({ orders: text, disk: text, users: { [text]: { batches: text } } }),
		(text) => limitsFor({ others: noLimits, users: { [text]: noLimits } }, () => [1], 1),
	],
	'src/config/probe-module.ts': 'modules are code, and trusted',
	'src/config/sink-config.ts': [
		(text) => readSinks([], text, builtInSinks),
		(text) => readSinks([{ ...sink, [text]: text }], undefined, builtInSinks),
		...sinkKeys.map(
			(key) => (text: string) => readSinks([{ ...sink, [key]: text }], undefined, builtInSinks),
		),
		(text) => readSinks([{ ...sink, tags: { [text]: text } }], undefined, builtInSinks),
	],
	'src/config/sink-name.ts': [(text) => sinkName('telegraf', text, new Set())],
	// ---- What is said about what was read ----
	'src/model/objective.ts': [objectivePercent],
	'src/model/printable.ts': [printable, firstUnprintable, excerpt, (text) => escapeJson(quoted(text))],
	'src/model/nearest.ts': [
		(text) => nearest(text, ['host', 'interface', text.slice(1), `${text.slice(0, -1)}x`]),
		(text) => nearest(text, [text.replaceAll('a', 'b'), `b${text}b`, [...text].reverse().join('')]),
		(text) => nearest('interface', [text, `interface${text}`]),
	],
	'src/model/order-id.ts': [wrongWithOrderId, (text) => wrongWithOrderId(`a/main.${text}`)],
	'src/model/influx-names.ts': [influxName, influxTag],
	'src/model/size.ts': [sizeBytes],
	'src/model/span.ts': [(text) => spanSeconds(text)],
	'src/model/facts.ts': 'declarations of probes, which are code',
	'src/orders/names.ts': [wrongWithId],
	'src/orders/selector.ts': [
		(text) => selectOrders([text, `${text}x`, `${text}*`, `${text}/`], ['app/order', 'app/other']),
		(text) => selectOrders([text, `${text}**`], ['app/order', 'app/other'], 'refused'),
	],
	'src/orders/claims.ts': paths,
	'src/orders/links.ts': paths,
	'src/orders/walk.ts': paths,
	'src/orders/writer.ts': paths,
	'src/commands/order/listed.ts': 'fed by src/orders/selector.ts',
	'src/commands/shared/listed-orders.ts': paths,
	'src/orders/glob.ts': [
		(text) => globPattern('*a*b?').test(text),
		(text) => globPattern('**a**:**/').test(text),
		(text) => globPattern(text).test('app/order'),
	],
	'src/host/log-line.ts': [colouredLine, journalLine, jsonLine].map(
		(line) => (text: string) => line('info', text, new Date(0)),
	),
	'src/host/log.ts': 'fed by src/host/log-line.ts',
	'src/host/link-trust.ts': paths,
	'src/host/privileges.ts': 'what id(1) and getent(1) of this machine say',
	'src/host/version.ts': 'our own package.json',
};
