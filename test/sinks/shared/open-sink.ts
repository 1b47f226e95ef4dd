import { describeFindings } from '../../../src/model/findings.ts';
import type { AnySink, OpenSink, SinkTools } from '../../../src/model/sink.ts';
import { outcomeToJson } from '../../../src/outcomes/outcome-json.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';

export const never: AbortSignal = new AbortController().signal;

const sinkTools: SinkTools = {
	version: '2.0.0',
	timeoutMs: 10_000,
	facts: null,
	toJson: outcomeToJson,
	signal: never,
};

/** Opens a sink with the settings that the config file would have. Throws what the user would see. */
export function openWith(sink: AnySink, entry: Readonly<Record<string, unknown>>): Promise<OpenSink> {
	const read = readStrict<unknown>(sink.settings, entry, 'sinks[0]');
	if ('value' in read) return sink.open(read.value, sinkTools);
	throw new Error(describeFindings(read.findings));
}
