import { describeFindings } from '../../../src/model/findings.ts';
import type { OpenSink } from '../../../src/model/sink.ts';
import { outcomeToJson } from '../../../src/outcomes/outcome-json.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';
import { telegraf } from '../../../src/sinks/telegraf/index.ts';
import type { TelegrafSettings } from '../../../src/sinks/telegraf/settings.ts';

/** Reads an entry as the config file would. Throws what the user would see. */
export function readEntry(entry: Readonly<Record<string, unknown>>): TelegrafSettings {
	const read = readStrict(telegraf.settings, entry, 'sinks[0]');
	if ('value' in read) return read.value;
	throw new Error(describeFindings(read.findings));
}

export function openEntry(
	entry: Readonly<Record<string, unknown>>,
	signal: AbortSignal = new AbortController().signal,
): Promise<OpenSink> {
	return telegraf.open(readEntry(entry), {
		version: '2.0.0',
		timeoutMs: 10_000,
		facts: null,
		toJson: outcomeToJson,
		signal,
	});
}

export const never: AbortSignal = new AbortController().signal;
