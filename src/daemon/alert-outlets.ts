import type { CompanionTools } from '../delivery/companion.ts';
import { NotifiersPost } from '../delivery/notices/notifiers-post.ts';
import { version } from '../host/version.ts';
import type { NotificationQueue, NotifierTable } from '../model/notifier.ts';
import type { AlertReport, OutletModules, OutletSettings } from './alert-messages.ts';
import { Heartbeat } from './heartbeat.ts';
import { orderGraph } from './order-graph.ts';

/** Through which people are told, in the thread of the sinks. */
export class AlertOutlets {
	readonly #post: NotifiersPost;
	readonly #heartbeat: Heartbeat;
	readonly #report: (report: AlertReport) => void;
	#told = '[]';

	private constructor(post: NotifiersPost, { clock, log, post: report }: CompanionTools) {
		this.#post = post;
		this.#heartbeat = new Heartbeat(clock, log);
		this.#report = report;
	}

	static async open(baseDir: string, modules: OutletModules, tools: CompanionTools): Promise<AlertOutlets> {
		const { builtInNotifiers: notifiers } = (await import(modules.notifiers)) as {
			readonly builtInNotifiers: NotifierTable;
		};
		const graph = (id: string) => orderGraph(modules.program, baseDir, id);
		const { clock, log } = tools;
		// No sink can be called so.
		const folder = `${baseDir}/spool/@notifiers`;
		return new AlertOutlets(
			new NotifiersPost({ notifiers, folder, lent: { version, graph }, clock, log }),
			tools,
		);
	}

	get queue(): NotificationQueue {
		return this.#post;
	}

	get heartbeat(): Heartbeat {
		return this.#heartbeat;
	}

	configure({ notifiers, heartbeat, standby }: OutletSettings): void {
		this.#post.configure(notifiers, standby);
		this.#heartbeat.configure(heartbeat);
	}

	/** The rules have been looked at. */
	tick(): void {
		this.#post.tick();
		this.#heartbeat.tick();
		const stats = this.#post.stats();
		const text = JSON.stringify(stats);
		if (text !== this.#told) this.#report({ about: 'notifiers', stats });
		this.#told = text;
	}

	close(graceMs: number): Promise<void> {
		return this.#post.close(graceMs);
	}
}
