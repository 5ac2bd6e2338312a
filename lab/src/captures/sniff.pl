#!/usr/bin/perl
# Writes every packet of a device to a pcap file until SIGINT, then prints what the kernel says of the capture.
#
# usage: sniff.pl DEVICE FILE
#
# tcpdump cannot do this for a plain user: it gives up root by setgroups(2), which a user namespace without
# subordinate ids forbids, and it has no flag against that. It still reads the file.
use strict;
use warnings;
use Socket;
use Time::HiRes qw(time);

use constant {
    AF_PACKET         => 17,        # packet(7)
    ETH_P_ALL         => 0x0003,
    SOL_PACKET        => 263,
    PACKET_STATISTICS => 6,
    SO_RCVBUFFORCE    => 33,
    SIOCGIFINDEX      => 0x8933,    # netdevice(7)
    SNAPLEN           => 256,
};

my ($device, $file) = @ARGV;
socket(my $packets, AF_PACKET, SOCK_RAW, unpack("S", pack("n", ETH_P_ALL))) or die "Cannot open a packet socket: $!\n";
my $request = pack("a16 x24", $device);
ioctl($packets, SIOCGIFINDEX, $request) or die "Cannot find device $device: $!\n";
my $index = unpack("x16 i", $request);
setsockopt($packets, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20) or setsockopt($packets, SOL_SOCKET, SO_RCVBUF, 8 << 20);
bind($packets, pack("S n i S C C a8", AF_PACKET, ETH_P_ALL, $index, 0, 0, 0, "")) or die "Cannot bind to $device: $!\n";

open(my $pcap, ">:raw", $file) or die "Cannot write $file: $!\n";
print $pcap pack("L S S l L L L", 0xa1b2c3d4, 2, 4, 0, 0, SNAPLEN, 1);    # pcap-savefile(5), LINKTYPE_ETHERNET

$| = 1;
my $stop = 0;
$SIG{INT} = sub { $stop = 1 };
print "capturing\n";

# What is queued when the signal comes still counts: read on without waiting.
my $readable = "";
vec($readable, fileno($packets), 1) = 1;
while (1) {
    my $ready = select(my $now = $readable, undef, undef, $stop ? 0 : 0.1);
    last if $stop && $ready == 0;
    next unless $ready > 0;
    defined(recv($packets, my $frame, 65536, 0)) or next;
    my ($at, $kept) = (time, substr($frame, 0, SNAPLEN));
    print $pcap pack("L L L L", int($at), int(($at - int($at)) * 1e6), length($kept), length($frame)), $kept;
}
close($pcap) or die "Cannot write $file: $!\n";
my ($seen, $dropped) = unpack("L L", getsockopt($packets, SOL_PACKET, PACKET_STATISTICS));
print "$dropped packets dropped by kernel\n";
