/*
 * The limit for bench/icmp.ts: sends echo requests and receives the replies, in batches, on raw sockets, and does
 * nothing else with them. Prints as JSON how many it sent and received, how long that took, what it cost, and how many
 * seconds of that were calls that send, that receive answers, that receive stamps, and that sleep.
 *
 *   icmp-limit TARGETS PINGS [RATE [stamps|plain [BURST [THREADS]]]]
 *
 * Targets are 127.1.0.0 and up. RATE: pings a second of each thread; 0: as fast as it goes. With "stamps" it has the
 * kernel stamp what is sent and received, and reads the stamps. BURST: it wakes up for so many packets, and reads every
 * 100 ms; 0: it wakes up and reads every 125 ms, or for 128. THREADS: each has a socket and its part of the targets.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128, PACKET = 64, SPACE = 256, TIMESTAMPING = 37, SOFTWARE_STAMPS = 1 << 1 | 1 << 3 | 1 << 4 };

struct worker {
	pthread_t thread;
	int fd, number;
	long first, targets, total, sent, received;
	double seconds, sending_seconds, receiving_seconds, stamps_seconds, sleeping_seconds;
	char out[BATCH][PACKET], in[BATCH * 2][SPACE], control[BATCH * 2][SPACE];
	struct sockaddr_in names[BATCH];
	struct iovec out_iov[BATCH], in_iov[BATCH * 2];
	struct mmsghdr sending[BATCH], receiving[BATCH * 2];
};

static int stamps;
static double rate;
static long burst;

static double read_clock(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* What calls cost is CPU: on a busy machine they take longer. */
static double cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static uint16_t checksum(const void *data, int bytes)
{
	const uint16_t *words = data;
	uint32_t sum = 0;
	for (int i = 0; i < bytes / 2; i++) sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static long receive(struct worker *w, int flags)
{
	long all = 0;
	for (;;) {
		for (int i = 0; stamps && i < BATCH * 2; i++) w->receiving[i].msg_hdr.msg_controllen = SPACE;
		int count = recvmmsg(w->fd, w->receiving, BATCH * 2, MSG_DONTWAIT | flags, NULL);
		if (count <= 0) return all;
		all += count;
		if (count < BATCH * 2) return all;
	}
}

static void receive_all(struct worker *w)
{
	double start = cpu(), between = start;
	if (stamps) {
		receive(w, MSG_ERRQUEUE);
		between = cpu();
	}
	w->received += receive(w, 0);
	w->stamps_seconds += between - start;
	w->receiving_seconds += cpu() - between;
}

static void prepare(struct worker *w)
{
	w->fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (w->fd < 0) fail("icmp-limit: raw socket");
	int fd = w->fd, buffer = 8 << 20, software = SOFTWARE_STAMPS;
	uint32_t only_replies = ~(1u << ICMP_ECHOREPLY);
	setsockopt(fd, 255, 1, &only_replies, sizeof only_replies);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	if (stamps) setsockopt(fd, SOL_SOCKET, TIMESTAMPING, &software, sizeof software);
	/* Only replies to its own: the identifier is 4 bytes behind the start of the ICMP header. */
	struct sock_filter code[] = {
		{ 0xb1, 0, 0, 0 }, { 0x48, 0, 0, 4 }, { 0x15, 0, 1, (getpid() + w->number) & 0xffff }, { 0x06, 0, 0, 0xffff }, { 0x06, 0, 0, 0 },
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) fail("icmp-limit: filter");
	for (int i = 0; i < BATCH; i++) {
		w->names[i].sin_family = AF_INET;
		w->out_iov[i] = (struct iovec){ w->out[i], PACKET };
		w->sending[i].msg_hdr = (struct msghdr){ .msg_name = &w->names[i], .msg_namelen = sizeof w->names[i], .msg_iov = &w->out_iov[i], .msg_iovlen = 1 };
	}
	for (int i = 0; i < BATCH * 2; i++) {
		w->in_iov[i] = (struct iovec){ w->in[i], SPACE };
		w->receiving[i].msg_hdr = (struct msghdr){ .msg_iov = &w->in_iov[i], .msg_iovlen = 1 };
		if (stamps) w->receiving[i].msg_hdr.msg_control = w->control[i];
	}
}

static void send_some(struct worker *w, int count)
{
	for (int i = 0; i < count; i++) {
		struct icmphdr *header = (void *)w->out[i];
		w->names[i].sin_addr.s_addr = htonl(0x7f010000 + w->first + (w->sent + i) % w->targets);
		header->type = ICMP_ECHO;
		header->un.echo.id = htons(getpid() + w->number);
		header->un.echo.sequence = htons(w->sent + i);
		header->checksum = 0;
		header->checksum = checksum(header, PACKET);
	}
	double start = cpu();
	int done = sendmmsg(w->fd, w->sending, count, 0);
	w->sending_seconds += cpu() - start;
	if (done > 0) w->sent += done;
	else if (errno != EAGAIN && errno != ENOBUFS) fail("icmp-limit: sendmmsg");
}

static void *work(void *arg)
{
	struct worker *w = arg;
	double start = now(), last, read = start;
	double rest = burst > 0 ? burst / rate : rate * 0.125 < BATCH ? 0.125 : BATCH / rate;
	while (w->sent < w->total) {
		long due = rate > 0 ? (now() - start) * rate + 1 : w->total;
		if (due > w->total) due = w->total;
		if (due <= w->sent) {
			double asleep = cpu();
			nanosleep(&(struct timespec){ 0, rest * 1e9 }, NULL);
			w->sleeping_seconds += cpu() - asleep;
			if (burst == 0 || now() - read >= 0.1) {
				receive_all(w);
				read = now();
			}
			continue;
		}
		long most = burst > 0 ? burst : BATCH;
		send_some(w, due - w->sent < most ? due - w->sent : most);
		if (rate == 0) receive_all(w);
	}
	w->seconds = (last = now()) - start;
	while (w->received < w->sent && now() - last < 1) {
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
		receive_all(w);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long targets = argc > 1 ? atol(argv[1]) : 1000, pings = argc > 2 ? atol(argv[2]) : 1;
	rate = argc > 3 ? atof(argv[3]) : 0;
	stamps = argc > 4 && strcmp(argv[4], "stamps") == 0;
	burst = argc > 5 ? atol(argv[5]) : 0;
	int threads = argc > 6 ? atoi(argv[6]) : 1;
	struct worker *workers = calloc(threads, sizeof *workers), all = { 0 };
	for (int i = 0; i < threads; i++) {
		struct worker *w = &workers[i];
		w->number = i;
		w->targets = targets / threads;
		w->first = i * w->targets;
		w->total = w->targets * pings;
		prepare(w);
	}
	for (int i = 0; i < threads; i++) pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	for (int i = 0; i < threads; i++) {
		struct worker *w = &workers[i];
		pthread_join(w->thread, NULL);
		all.sent += w->sent;
		all.received += w->received;
		if (w->seconds > all.seconds) all.seconds = w->seconds;
		all.sending_seconds += w->sending_seconds;
		all.receiving_seconds += w->receiving_seconds;
		all.stamps_seconds += w->stamps_seconds;
		all.sleeping_seconds += w->sleeping_seconds;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu_seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("{\"sent\":%ld,\"received\":%ld,\"seconds\":%f,\"cpuSeconds\":%f,\"sendingSeconds\":%f,\"receivingSeconds\":%f,\"stampsSeconds\":%f,\"sleepingSeconds\":%f}\n",
	       all.sent, all.received, all.seconds, cpu_seconds, all.sending_seconds, all.receiving_seconds, all.stamps_seconds, all.sleeping_seconds);
	return 0;
}
