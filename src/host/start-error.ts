/** The daemon cannot be started. `message` is fit for the user and says what to do. */
export class StartError extends Error {
	override readonly name = 'StartError';
}
