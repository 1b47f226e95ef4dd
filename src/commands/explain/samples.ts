import { localTime } from '../shared/words.ts';
import { lossPercent, milliseconds, padEnd, padStart } from '../terminal/text.ts';
import type { MeasurementFacts } from './facts.ts';
import { heading, type Pen } from './pen.ts';

interface Line {
	readonly slot: string;
	readonly loss: string;
	/** When the first and the last ping were sent, seconds after the start of the slot. */
	readonly sent: string;
	/** Milliseconds; null: lost. */
	readonly pings: readonly (string | null)[];
}

const titles = { slot: 'SLOT', loss: 'LOSS', sent: 'SENT AFTER' };

/** A table of measurements, each with every ping. */
export function measurementLines(measurements: readonly MeasurementFacts[], pen: Pen): string[] {
	if (measurements.length === 0) return [heading('MEASUREMENTS', pen, 'none yet')];
	const lines = measurements.map((measurement) => lineOf(measurement, pen));
	const widthOf = (key: 'slot' | 'loss' | 'sent') =>
		Math.max(titles[key].length, ...lines.map((line) => line[key].length));
	const widths = { slot: widthOf('slot'), loss: widthOf('loss'), sent: widthOf('sent') };
	const pingWidth = Math.max(...lines.flatMap(({ pings }) => pings.map((ping) => ping?.length ?? 1)), 1);
	const head = `  ${padEnd(titles.slot, widths.slot)}  ${titles.loss}  ${padEnd(titles.sent, widths.sent)}  PINGS`;
	const before = 2 + widths.slot + 2 + widths.loss + 2 + widths.sent + 2;
	const perRow = Math.max(1, Math.floor((pen.columns - before + 1) / (pingWidth + 1)));
	const body = lines.flatMap(({ slot, loss, sent, pings }) => {
		const rows = rowsOf(pings, perRow).map((row) =>
			row.map((ping) => pingText(ping, pingWidth, pen)).join(' '),
		);
		const first = `  ${padEnd(slot, widths.slot)}  ${padStart(loss, widths.loss)}  ${padEnd(sent, widths.sent)}  `;
		return rows.map((row, index) => (index === 0 ? first : ' '.repeat(before)) + row);
	});
	return [heading('MEASUREMENTS', pen, legend(measurements)), pen.paint('dim', head), ...body];
}

function legend(measurements: readonly MeasurementFacts[]): string {
	const sorted = measurements.filter((measurement) => !('samples' in measurement)).length;
	if (sorted === 0) return 'newest first; pings in sending order, ms; - is lost';
	if (sorted === measurements.length) return 'newest first; from main.rrd: pings sorted, ms; - is lost';
	return 'newest first; in sending order, older ones sorted, ms; - is lost';
}

function lineOf(measurement: MeasurementFacts, { nowSeconds }: Pen): Line {
	const { time } = measurement;
	const slot = localTime(time, nowSeconds);
	if (!('samples' in measurement)) {
		const { loss, pings, sorted_rtts: rtts } = measurement;
		const lost = Array.from({ length: Math.max(0, pings - rtts.length) }, () => null);
		return {
			slot,
			loss: lossPercent(loss, pings),
			sent: 'sorted',
			pings: [...rtts.map(milliseconds), ...lost],
		};
	}
	const { samples, step } = measurement;
	const offsets = samples.map(({ sent }) => (sent - time).toFixed(step < 60 ? 2 : 1));
	const lost = samples.filter(({ rtt }) => rtt === null).length;
	return {
		slot,
		loss: lossPercent(lost, samples.length),
		sent: offsets.length > 1 ? `${offsets[0]}-${offsets.at(-1)} s` : `${offsets[0] ?? '-'} s`,
		pings: samples.map(({ rtt }) => (rtt === null ? null : milliseconds(rtt))),
	};
}

function rowsOf<T>(values: readonly T[], perRow: number): T[][] {
	const rows: T[][] = [];
	for (let from = 0; from < values.length; from += perRow) rows.push(values.slice(from, from + perRow));
	return rows;
}

function pingText(ping: string | null, width: number, { paint }: Pen): string {
	return ping === null ? paint('lost', padStart('-', width)) : padStart(ping, width);
}
