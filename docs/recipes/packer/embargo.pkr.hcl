# An image is judged by what is installed in it before it becomes one: the last provisioner asks
# Embargo, and where it does not say "go ahead", Packer ends the build and keeps no image.

variable "embargo_server" {
  type        = string
  description = "The server that judges. Empty: the policies that `embargo` finds by itself."
  default     = ""
}

variable "address" {
  type    = string
  default = "127.0.0.1"
}

variable "port" {
  type    = number
  default = 22
}

variable "user" {
  type    = string
  default = "root"
}

variable "key" {
  type    = string
  default = ""
}

# In place of your source: a machine that is there already.
source "null" "web" {
  ssh_host             = var.address
  ssh_port             = var.port
  ssh_username         = var.user
  ssh_private_key_file = var.key
}

build {
  sources = ["source.null.web"]

  # ... your own provisioners stand here, and install what the image is for ...

  # What is installed now. On systems with rpm: rpm -qa --json, and --from rpm below.
  provisioner "file" {
    direction   = "download"
    source      = "/var/lib/dpkg/status"
    destination = "${path.root}/image.dpkg-status"
  }

  # Last. A code other than 0 (denied, a review, no decision) ends the build.
  provisioner "shell-local" {
    environment_vars = ["EMBARGO_SERVER=${var.embargo_server}"]
    inline = [
      "embargo gate '${path.root}/image.dpkg-status' --from dpkg --about '${path.root}/about.yaml' --action distribute $${EMBARGO_SERVER:+--server $EMBARGO_SERVER}",
    ]
  }
}
