import { writerFor } from '../../browser/row-words.ts';
import type { Board } from '../board/board.ts';
import { type Html, html } from '../html.ts';
import type { StaticFiles } from '../static-files.ts';

const writer = writerFor('en');

interface Trust {
	orders: number;
	kernel: number;
	program: number;
	/** Pings of the last slots, and those of them in which the measuring thread was late. */
	pings: number;
	delayed: number;
}

/** Who takes the times, how often the threads that measure were late, and how wrong times are at most. */
export function accuracy(board: Board, files: StaticFiles): Html {
	const probes = [...byProbe(board)].sort(([a], [b]) => (a < b ? -1 : 1));
	return html`<div id="accuracy-now" data-refresh="5">
${probes.length === 0 ? html`<p class="soft">Nothing was measured since the web server listens.</p>` : tableOf(probes)}
</div>
<p>Packets are never timed in the main thread. How wrong round-trip times are, measured beside a responder whose delay is known:</p>
<p><img class="figure" src="${files.urlOf('icmp-accuracy.svg')}" width="720" height="380" alt="Error of the round-trip time at a true 5 ms: 99 % of the answers are below. With 1,000 targets: icmp 0.03 ms, fping 0.03 ms, timed in JavaScript 1.2 ms. With 10,000 targets: icmp 0.06 ms, fping 0.22 ms, timed in JavaScript 1.6 ms."></p>`;
}

function byProbe(board: Board): Map<string, Trust> {
	const probes = new Map<string, Trust>();
	for (const { probe, figures } of board.rows()) {
		if (figures === null) continue;
		const trust = probes.get(probe) ?? { orders: 0, kernel: 0, program: 0, pings: 0, delayed: 0 };
		probes.set(probe, trust);
		trust.orders++;
		if (figures.timestamps === 'kernel') trust.kernel++;
		else if (figures.timestamps !== null) trust.program++;
		if (figures.delayed === null) continue;
		trust.pings += figures.delayed.pings;
		trust.delayed += figures.delayed.late;
	}
	return probes;
}

function tableOf(probes: readonly (readonly [string, Trust])[]): Html {
	const none = html`<span class="soft">not told</span>`;
	return html`<div class="scroll" tabindex="0" role="group" aria-label="Accuracy"><table><thead><tr><th scope="col">Probe</th><th scope="col" class="number">Orders</th><th scope="col" class="number">Timed by the kernel</th><th scope="col" class="number">Timed by a program</th><th scope="col" class="number">Pings while the measuring thread was late</th></tr></thead>
<tbody>${probes.map(
		([name, { orders, kernel, program, pings, delayed }]) =>
			html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="number">${writer.count(orders)}</td><td class="number">${kernel + program === 0 ? none : writer.count(kernel)}</td><td class="number">${kernel + program === 0 ? none : writer.count(program)}</td><td class="number">${pings === 0 ? none : html`${delayed > 0 && html`<span class="warn">\u25b2</span> `}${writer.count(delayed)} of ${writer.count(pings)}`}</td></tr>
`,
	)}</tbody></table></div>`;
}
