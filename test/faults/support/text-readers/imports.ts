/** Files of other programs that are imported. */
import { importBlackbox } from '../../../../src/commands/import/blackbox.ts';
import { moduleOf } from '../../../../src/commands/import/blackbox-modules.ts';
import { nameOf } from '../../../../src/commands/import/imported.ts';
import { importMeshping, importPingy } from '../../../../src/commands/import/lists.ts';
import { importSmokeping } from '../../../../src/commands/import/smokeping.ts';
import { readSmokepingText } from '../../../../src/commands/import/smokeping-config.ts';
import { measuredBy } from '../../../../src/commands/import/smokeping-probes.ts';
import { ruleOf } from '../../../../src/commands/import/smokeping-rules.ts';
import { secondsIn } from '../../../../src/commands/import/values.ts';
import { OrderTrouble } from '../../../../src/orders/writer.ts';
import { quoted, type TextReaders } from './feeds.ts';

/** What it says of a file that cannot be read is meant for people. */
function tolerant(read: (text: string) => unknown) {
	return (text: string) => {
		try {
			return read(text);
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			return error.message;
		}
	};
}

// What would be included is another text.
const config = (text: string) => readSmokepingText(text.replaceAll('@include', ''), '/none/config');

export const imports: TextReaders = {
	'src/commands/import/imported.ts': [nameOf],
	'src/commands/import/lists.ts': [
		(text) => importPingy(text),
		importMeshping,
		(text) => importMeshping(`meshping_sent{name="a",target=${quoted(text)}} 1\n`),
	],
	'src/commands/import/smokeping-config.ts': [
		tolerant(config),
		tolerant((text) => config(`*** Targets ***\n+ a\n${text}`)),
	],
	'src/commands/import/smokeping.ts': [
		tolerant((text) =>
			importSmokeping('/none/config', null, config(`*** Targets ***\n+ a\nprobe = FPing\nhost = ${text}`)),
		),
	],
	'src/commands/import/smokeping-probes.ts': ['FPing', 'Curl', 'DNS', 'EchoPingHttp', 'SSH'].map(
		(type) => (text: string) =>
			measuredBy(
				type,
				text,
				new Map(['url', 'urlformat', 'lookup', 'port', 'expect'].map((key) => [key, text])),
			),
	),
	'src/commands/import/smokeping-rules.ts': [
		(text) =>
			ruleOf(
				new Map([
					['type', 'matcher'],
					['pattern', text],
				]),
			),
		(text) =>
			ruleOf(
				new Map([
					['type', 'matcher'],
					['pattern', `CheckLoss(${text})`],
				]),
			),
	],
	'src/commands/import/blackbox.ts': [
		tolerant((text) => importBlackbox([{ name: 'x', text }])),
		tolerant((text) =>
			importBlackbox([
				{
					name: 'x',
					text: `modules: {m: {prober: icmp}}\nscrape_configs: [{job_name: ${quoted(text)}, params: {module: [m]}, static_configs: [{targets: [${quoted(text)}]}]}]`,
				},
			]),
		),
	],
	'src/commands/import/blackbox-modules.ts': ['icmp', 'http', 'tcp', 'dns'].map(
		(prober) => (text: string) => moduleOf({ prober, [prober]: { proxy_url: text, tls: true } }, text),
	),
	'src/commands/import/values.ts': [(text) => secondsIn({ a: text }, 'a')],
};
