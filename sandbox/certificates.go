package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificates writes into the folder that its one argument names what a control plane on loopback needs: a certificate
// authority, an administrator who is the server too, and the key pair that service accounts are signed with. They are
// good for a year, and for nothing but this sandbox.
func certificates() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: certificates FOLDER"))
	}
	authority, authorityKey := certificate(1, pkix.Name{CommonName: "sandbox"}, nil, nil)
	admin, adminKey := certificate(2, pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, authority, authorityKey)
	_, accountKey := certificate(3, pkix.Name{CommonName: "service-accounts"}, authority, authorityKey)
	public, err := x509.MarshalPKIXPublicKey(accountKey.Public())
	if err != nil {
		fail(err)
	}
	write("ca.crt", "CERTIFICATE", authority.Raw)
	write("admin.crt", "CERTIFICATE", admin.Raw)
	write("admin.key", "EC PRIVATE KEY", private(adminKey))
	write("accounts.key", "EC PRIVATE KEY", private(accountKey))
	write("accounts.pub", "PUBLIC KEY", public)
}

// certificate makes a key and its certificate, signed by a parent, or by itself when it has none.
func certificate(serial int64, subject pkix.Name, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fail(err)
	}
	made := &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               subject,
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost", "kubernetes.default.svc"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
	}
	if parent == nil {
		made.IsCA, made.KeyUsage, made.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
		parent, parentKey = made, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, made, parent, key.Public(), parentKey)
	if err != nil {
		fail(err)
	}
	signed, err := x509.ParseCertificate(raw)
	if err != nil {
		fail(err)
	}
	return signed, key
}

func private(key *ecdsa.PrivateKey) []byte {
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		fail(err)
	}
	return raw
}

func write(name, kind string, raw []byte) {
	path := filepath.Join(os.Args[1], name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		fail(err)
	}
}
