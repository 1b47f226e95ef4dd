/*
 * The limit for bench/icmp.ts: sends echo requests and receives the replies, in batches, on a raw socket, and does
 * nothing else with them. Prints how many it sent and received, how long that took and what it cost.
 *
 *   icmp-limit TARGETS PINGS [RATE [stamps]]   targets are 127.1.0.0 and up; RATE in pings a second, with a wake-up
 *                                              every 125 ms, or for 128 packets; 0: as fast as it goes. With "stamps"
 *                                              it has the kernel stamp what is sent and received, and reads the stamps
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128, PACKET = 64, SPACE = 256, TIMESTAMPING = 37, SOFTWARE_STAMPS = 1 << 1 | 1 << 3 | 1 << 4 };

static char out[BATCH][PACKET], in[BATCH * 2][SPACE], control[BATCH * 2][SPACE];
static struct sockaddr_in names[BATCH];
static struct iovec out_iov[BATCH], in_iov[BATCH * 2];
static struct mmsghdr sending[BATCH], receiving[BATCH * 2];

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static uint16_t checksum(const void *data, int bytes)
{
	const uint16_t *words = data;
	uint32_t sum = 0;
	for (int i = 0; i < bytes / 2; i++) sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static int stamps;

static long receive(int fd, int flags)
{
	long all = 0;
	for (;;) {
		for (int i = 0; stamps && i < BATCH * 2; i++) receiving[i].msg_hdr.msg_controllen = SPACE;
		int count = recvmmsg(fd, receiving, BATCH * 2, MSG_DONTWAIT | flags, NULL);
		if (count <= 0) return all;
		all += count;
		if (count < BATCH * 2) return all;
	}
}

static long receive_all(int fd)
{
	if (stamps) receive(fd, MSG_ERRQUEUE);
	return receive(fd, 0);
}

int main(int argc, char **argv)
{
	stamps = argc > 4;
	long targets = argc > 1 ? atol(argv[1]) : 1000, total = targets * (argc > 2 ? atol(argv[2]) : 1);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), buffer = 8 << 20;
	if (fd < 0) {
		perror("icmp-limit: raw socket");
		return 1;
	}
	uint32_t only_replies = ~(1u << ICMP_ECHOREPLY);
	setsockopt(fd, 255, 1, &only_replies, sizeof only_replies);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	int software = SOFTWARE_STAMPS;
	if (stamps) setsockopt(fd, SOL_SOCKET, TIMESTAMPING, &software, sizeof software);
	for (int i = 0; i < BATCH; i++) {
		names[i].sin_family = AF_INET;
		out_iov[i] = (struct iovec){ out[i], PACKET };
		sending[i].msg_hdr = (struct msghdr){ .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &out_iov[i], .msg_iovlen = 1 };
	}
	for (int i = 0; i < BATCH * 2; i++) {
		in_iov[i] = (struct iovec){ in[i], SPACE };
		receiving[i].msg_hdr = (struct msghdr){ .msg_iov = &in_iov[i], .msg_iovlen = 1 };
		if (stamps) receiving[i].msg_hdr.msg_control = control[i];
	}
	long rate = argc > 3 ? atol(argv[3]) : 0;
	double start = now(), last = start, rest = rate * 0.125 < BATCH ? 0.125 : (double)BATCH / rate;
	long sent = 0, received = 0;
	while (sent < total) {
		long due = rate > 0 ? (now() - start) * rate + 1 : total;
		if (due > total) due = total;
		if (due <= sent) {
			nanosleep(&(struct timespec){ 0, rest * 1e9 }, NULL);
			received += receive_all(fd);
			continue;
		}
		int count = due - sent < BATCH ? due - sent : BATCH;
		for (int i = 0; i < count; i++) {
			struct icmphdr *header = (void *)out[i];
			names[i].sin_addr.s_addr = htonl(0x7f010000 + (sent + i) % targets);
			header->type = ICMP_ECHO;
			header->un.echo.id = htons(getpid());
			header->un.echo.sequence = htons(sent + i);
			header->checksum = 0;
			header->checksum = checksum(header, PACKET);
		}
		int done = sendmmsg(fd, sending, count, 0);
		if (done > 0) sent += done;
		else if (errno != EAGAIN && errno != ENOBUFS) {
			perror("icmp-limit: sendmmsg");
			return 1;
		}
		if (rate == 0) received += receive_all(fd);
	}
	double seconds = (last = now()) - start;
	while (received < sent && now() - last < 1) received += receive_all(fd);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("{\"sent\":%ld,\"received\":%ld,\"seconds\":%f,\"cpuSeconds\":%f}\n", sent, received, seconds, cpu);
	return 0;
}
