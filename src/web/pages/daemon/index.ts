import { askAboutDaemon } from '../../../memory/ask-daemon.ts';
import type { DaemonAnswer } from '../../../model/answers.ts';
import type { WebParts } from '../../web-parts.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import type { PageRoom, Section } from '../page.ts';
import type { StaticFiles } from '../static-files.ts';
import { accuracy } from './accuracy.ts';
import { daemonFigures, diskFacts, threadFacts } from './figures.ts';
import { notifierTable, sinkTable } from './sinks.ts';

/** `/daemon`: how the daemon itself does, and how far its measurements can be trusted. */
export function daemonRoom(parts: WebParts, live: LiveBoard, files: StaticFiles): PageRoom {
	const own = { page: 'daemon', script: 'refresh.js' } as const;
	const ask = asker(parts);
	const told =
		(id: string, shown: (answer: DaemonAnswer) => Html): Section['render'] =>
		async () => {
			const asked = await ask();
			const content =
				'answer' in asked
					? shown(asked.answer)
					: html`<p class="trouble">The daemon does not answer: ${asked.silence}.</p>`;
			return html`<div id="${id}-now" data-refresh="5">${content}</div>`;
		};
	return {
		pages: [{ name: 'daemon', path: '/daemon', nav: { label: 'Daemon', order: 40 }, title: () => 'Daemon' }],
		sections: [
			{ ...own, id: 'state', order: 10, title: 'State', render: told('state', daemonFigures) },
			{ ...own, id: 'sinks', order: 20, title: 'Sinks', render: told('sinks', sinkTable) },
			{ ...own, id: 'notifiers', order: 25, title: 'Notifiers', render: told('notifiers', notifierTable) },
			{ ...own, id: 'disk', order: 30, title: 'Store and disk', render: told('disk', diskFacts) },
			{ ...own, id: 'threads', order: 40, title: 'Threads', render: told('threads', threadFacts) },
			{
				...{ ...own, id: 'accuracy', order: 50, title: 'Accuracy of what is measured here' },
				render: () => accuracy(live.board, files),
			},
		],
	};
}

/** The sections of a page ask at the same time: it is asked once. */
function asker({ baseDir }: WebParts): () => ReturnType<typeof askAboutDaemon> {
	let asking: ReturnType<typeof askAboutDaemon> | null = null;
	let atMs = Number.NEGATIVE_INFINITY;
	return () => {
		if (asking === null || performance.now() > atMs + 1000) {
			asking = askAboutDaemon(baseDir);
			atMs = performance.now();
		}
		return asking;
	};
}
