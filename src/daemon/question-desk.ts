import { openQuestionSocket, type QuestionSocket } from '../memory/question-socket.ts';
import type { Log } from '../model/log.ts';
import { type AnswerSources, questionsFor } from './questions.ts';

/** Answers those who ask through the base directory; measuring goes on without. */
export class QuestionDesk {
	readonly #baseDir: string;
	readonly #sources: AnswerSources;
	readonly #log: Log;
	#socket: QuestionSocket | null = null;

	constructor(baseDir: string, sources: AnswerSources, log: Log) {
		this.#baseDir = baseDir;
		this.#sources = sources;
		this.#log = log;
	}

	/** Opens the socket, also when there was one before. */
	async open(): Promise<void> {
		this.close();
		try {
			this.#socket = await openQuestionSocket(this.#baseDir, questionsFor(this.#sources));
		} catch (error) {
			this.#log.warn(`${(error as Error).message}. pingmachine explain and status do without`);
		}
	}

	close(): void {
		this.#socket?.close();
		this.#socket = null;
	}
}
