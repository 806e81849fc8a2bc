"""Facts and the timeline made anew from the logs of all services, while events keep coming."""
