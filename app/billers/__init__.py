"""Who is paid: billers, their rules and tariffs, and the doors through which they are asked."""
