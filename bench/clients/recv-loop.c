/*
 * recv-loop PORT PATH: receives one body from 127.0.0.1 by receives of at most 256 KiB, and drops it. The least that a program can do: a socket, a
 * request, recv(2) until the length came.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECV_SIZE (256 * 1024)

static char buffer[RECV_SIZE + 1];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fputs("usage: recv-loop PORT PATH\n", stderr);
    return 2;
  }
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");

  char request[1024];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", argv[2], argv[1]);
  if (send(fd, request, length, 0) != length) fail("send");

  /* The server of the bench sends its head in one piece. */
  ssize_t received = recv(fd, buffer, RECV_SIZE, 0);
  if (received <= 0) fail("recv");
  buffer[received] = '\0';
  char *field = strstr(buffer, "Content-Length: ");
  char *end = strstr(buffer, "\r\n\r\n");
  if (field == NULL || end == NULL) {
    fputs("no head with a Content-Length came\n", stderr);
    return 1;
  }
  long long left = atoll(field + strlen("Content-Length: ")) - (received - (end + 4 - buffer));
  while (left > 0) {
    received = recv(fd, buffer, RECV_SIZE, 0);
    if (received <= 0) fail("recv");
    left -= received;
  }
  close(fd);
  return 0;
}
