import type { ExpositionWriter } from './exposition.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { OpenMetricsWriter, TextWriter } from './text-writer.ts';

interface Offer {
	readonly type: string;
	/** Parameters that must be as here where the client names them. */
	readonly parameters: Readonly<Record<string, string>>;
	make(): ExpositionWriter;
}

/** Of equal weight, the first here is preferred. */
const offers: readonly Offer[] = [
	{
		type: 'application/vnd.google.protobuf',
		parameters: { proto: 'io.prometheus.client.metricfamily', encoding: 'delimited' },
		make: () => new ProtobufWriter(),
	},
	{
		type: 'application/openmetrics-text',
		parameters: { version: '1.0.0' },
		make: () => new OpenMetricsWriter(),
	},
	{ type: 'text/plain', parameters: { version: '0.0.4' }, make: () => new TextWriter() },
];

/** More than any client sends; what follows is not read. */
const acceptMax = 4096;

/** The writer of the format that a client likes best by its `Accept`; text 0.0.4 when it names none of ours. */
export function writerFor(accept: string | undefined): ExpositionWriter {
	let best: { readonly offer: Offer; readonly weight: number } | null = null;
	for (const range of (accept ?? '').slice(0, acceptMax).split(',')) {
		const [type = '', ...rest] = range.split(';').map((part) => part.trim().toLowerCase());
		const parameters = new Map(rest.map((part) => pairOf(part)));
		const weight = Number(parameters.get('q') ?? 1);
		const offer = offers.find((one) => one.type === type && fits(one, parameters));
		if (offer === undefined || !(weight > 0)) continue;
		const isBetter =
			best === null ||
			weight > best.weight ||
			(weight === best.weight && offers.indexOf(offer) < offers.indexOf(best.offer));
		if (isBetter) best = { offer, weight };
	}
	return best === null ? new TextWriter() : best.offer.make();
}

function pairOf(part: string): [string, string] {
	const at = part.indexOf('=');
	if (at < 0) return [part, ''];
	return [
		part.slice(0, at).trim(),
		part
			.slice(at + 1)
			.replaceAll('"', '')
			.trim(),
	];
}

function fits({ parameters }: Offer, asked: ReadonlyMap<string, string>): boolean {
	return Object.entries(parameters).every(([name, value]) => (asked.get(name) ?? value) === value);
}
